import type { Real } from '../../../reference/tensor.ts'
import type { Question } from '../../cases/question.ts'
import type { Answer } from '../play.ts'
import type { Scale } from './term-sums.ts'

/** The tensors of one answer, and what comparators hold them against. All comparators see the same. */
export interface Compared {
  readonly question: Question
  /** The equation's own outputs as the runtime gave them. */
  readonly found: Answer
  /** The same in float64. */
  readonly truth: Answer
  /** The same of a plain sequential float32 runtime. */
  readonly plain: Answer
  /** Σ|terms| of the sums that made each output, and how many terms; computed when asked for. */
  readonly scales: () => ReadonlyMap<string, Scale>
}

/** Somebody's way of comparing a runtime's tensors with what they should be. */
export interface Comparator {
  readonly id: string
  readonly about: string
  /** Whether it calls the answer wrong; undefined where it says nothing of such outputs. */
  alarmed(compared: Compared): boolean | undefined
}

/** Both sides of one output: the numbers found and the numbers of truth; a mask is its bytes. */
export interface Pair {
  readonly name: string
  readonly found: Real | Uint8Array
  readonly truth: Real | Uint8Array
  readonly plain: Real | Uint8Array
}

/** The outputs, side by side. */
export function pairs({ found, truth, plain }: Compared): Pair[] {
  return [...truth].flatMap(([name, value]) => {
    const [ours, theirs, other] = [value, found.get(name), plain.get(name)].map((each) =>
      each === undefined ? undefined : each.kind === 'mask' ? each.mask.data : each.tensor.data,
    )
    if (ours === undefined || theirs === undefined || other === undefined) return []
    return [{ name, found: theirs, truth: ours, plain: other }]
  })
}
