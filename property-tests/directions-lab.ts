import type { Value } from '../reference/evaluator.ts'
import type { FullKinds } from '../reference/float32/index.ts'
import type { Evaluator } from '../reference/evaluator.ts'
import { tensor } from '../reference/tensor.ts'
import { evaluate } from '../src/arithmetics/evaluate.ts'
import { read } from '../src/arithmetics/recording.ts'
import type { Question } from '../src/cases/question.ts'
import type { Trying } from '../src/verdict/directions/trials.ts'
import type { Known } from '../src/verdict/directions/field.ts'
import { noise } from '../src/verdict/noise/arithmetic.ts'

/** What of an answer a runtime shows. */
export type Exposure = 'outputs' | 'everything'

/** A runtime's answer, its outputs alone or everything it exposes. */
export function answerOf(
  evaluator: Evaluator<FullKinds>,
  question: Question,
  exposure: Exposure,
): Map<string, Value> {
  const { exposes } = question.equation
  const exposed = [...evaluate(evaluator, question)].map(([path, x]) => [path, read(evaluator, x)] as const)
  return new Map(exposed.filter(([path]) => exposure === 'everything' || exposes[path].output === true))
}

/** What the noise arithmetic knows of each tensor on the answer's own upstream. */
export function tryingOf(question: Question, found: ReadonlyMap<string, Value>): Trying {
  const judged = (path: string): Uint8Array | undefined => {
    const at = question.equation.exposes[path].judgedAt
    const value = at === undefined ? undefined : (found.get(at) ?? question.tensors.get(`input.${at}`))
    return value?.kind === 'mask' ? value.mask.data : undefined
  }
  const exposed = evaluate(noise, question, (path, computed) => {
    const value = found.get(path)
    if (value === undefined) return undefined
    if (value.kind === 'mask') return { kind: 'mask', x: noise.mask(value.mask) }
    const at = judged(path)
    if (computed.kind === 'mask') return undefined
    const { v, s2 } = computed.x
    const { data, shape } = value.tensor
    if (!data.every((x, i) => Number.isFinite(x) || at?.[i] === 0)) return undefined
    const theirs = noise.sparse(value.tensor)
    const mixed = {
      ...theirs,
      v: tensor(
        Float64Array.from(data, (x, i) => (at?.[i] === 0 ? v.data[i] : x)),
        shape,
      ),
      s2: tensor(
        Float64Array.from(data, (_, i) => (at?.[i] === 0 ? s2.data[i] : 0)),
        shape,
      ),
    }
    return computed.kind === 'sparse' ? { kind: 'sparse', x: mixed } : { kind: 'dense', x: mixed }
  })
  const known = new Map<string, Known>()
  for (const [path, x] of exposed) {
    if (x.kind === 'mask') continue
    const { v, s2 } = x.x
    known.set(path, { v, s: tensor(Float64Array.from(s2.data, Math.sqrt), s2.shape), judged: judged(path) })
  }
  return { question, found, known: (path) => known.get(path) }
}
