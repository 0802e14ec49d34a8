import type { FullMask, FullSparse } from '../../../../reference/float32/full.ts'
import type { Tensor } from '../../../../reference/tensor.ts'
import { altered, callsOf, type Direction, type Run, type Suspects } from '../direction.ts'
import { map } from '../elements.ts'
import type { Call, Tape } from '../tape.ts'
import type { Rules } from '../traced.ts'

/** What becomes of a logit that is masked, and whether its weight is dropped afterwards or kept. */
interface Way {
  readonly id: string
  readonly says: string
  readonly lowered: (z: number) => number
  readonly keeps?: boolean
}

const LOWERED: readonly Way[] = [
  { id: 'masked-by-10', says: 'lowered by 10, not −∞', lowered: (z) => z - 10 },
  {
    id: 'masked-by-10-kept',
    says: 'lowered by 10, not −∞, and their weights kept',
    lowered: (z) => z - 10,
    keeps: true,
  },
  {
    id: 'masked-by-100-kept',
    says: 'lowered by 100, not −∞, and their weights kept',
    lowered: (z) => z - 100,
    keeps: true,
  },
]

/** Where the mask comes after the softmax; `softmaxes` has these of a softmax over what is kept. */
const ZEROS: readonly Way[] = [
  { id: 'masked-to-0', says: 'of 0 before the softmax', lowered: () => 0 },
  { id: 'masked-to-0-kept', says: 'of 0, and their weights kept', lowered: () => 0, keeps: true },
]

/**
 * A mask that is added to the logits and is not −∞: what it leaves out counts in the sum all the same, and more than
 * that where its weight is kept.
 */
export const finiteMasks: Suspects = (tape) => {
  const directions = (call: Call, runOf: RunOf | undefined, ways: readonly Way[]): Direction[] =>
    runOf === undefined
      ? []
      : ways.map(({ id, says, lowered, keeps = false }) => ({
          id: `softmax/${id}/${call.index}`,
          says: `masked logits ${says}`,
          run: runOf((usual, mask, logits) => {
            const p = usual.softmax(map(logits, (z, i) => (mask.kept[i] === 1 ? z : lowered(z))))
            return keeps ? usual.compress(p) : usual.select(mask, p)
          }),
        }))
  return callsOf(tape, 'maskedSoftmax', 'softmax').flatMap((call) =>
    call.step === 'softmax'
      ? directions(call, afterSoftmax(tape, call), [...LOWERED, ...ZEROS])
      : directions(call, inSoftmax(tape, call), LOWERED),
  )
}

/** The weights of a masked row, from the logits of the whole row. */
type Weigh = (usual: Rules, mask: FullMask, logits: Tensor) => FullSparse

type RunOf = (weigh: Weigh) => Run

/** Softmax over what is kept: the logits of the rest, which nobody computes, are computed. */
function inSoftmax(tape: Tape, call: Call): RunOf | undefined {
  const [mask] = call.operands
  const product = callsOf(tape, 'matmulAt').findLast(
    ({ index, operands }) => index < call.index && operands[0] === mask,
  )
  const scale = callsOf(tape, 'sparseScale').find(({ operands }) => operands[0] === product?.result.x)
  if (product === undefined || scale === undefined) return undefined
  return (weigh) => {
    let logits: Tensor | undefined
    const { evaluate } = altered(tape, [product, scale, call], (usual) => ({
      matmulAt: (m, x, y) => {
        logits = usual.matmulTransposed(x, y)
        return usual.matmulAt(m, x, y)
      },
      sparseScale: (x, factor) => {
        logits = logits && usual.scale(logits, factor)
        return usual.sparseScale(x, factor)
      },
      maskedSoftmax: (m, { values }) => {
        // those that are kept may be the runtime's own
        const row = map(values, (z, i) => (m.kept[i] === 1 || logits === undefined ? z : logits.data[i]))
        return weigh(usual, m, row)
      },
    }))
    return { at: [call], evaluate }
  }
}

/** Softmax over the whole row, of which the mask then keeps some. */
function afterSoftmax(tape: Tape, call: Call): RunOf | undefined {
  const selection = callsOf(tape, 'select').find(({ operands }) => operands[1] === call.result.x)
  if (selection === undefined) return undefined
  return (weigh) => {
    let logits: Tensor | undefined
    return altered(tape, [call, selection], (usual) => ({
      softmax: (x) => {
        logits = x
        return usual.softmax(x)
      },
      select: (mask, p) => weigh(usual, mask, logits ?? p),
    }))
  }
}
