import type { FullMask, FullSparse } from '../../../../reference/float32/full.ts'
import type { Tensor } from '../../../../reference/tensor.ts'
import { altered, callsOf, type Direction, type Run, type Suspects } from '../direction.ts'
import { map } from '../elements.ts'
import type { Call, Tape } from '../tape.ts'
import type { Rules } from '../traced.ts'

/** What is taken off masked logits, and whether their weights are dropped afterwards or kept. */
const WAYS: readonly (readonly [by: number, weights: 'dropped' | 'kept'])[] = [
  [10, 'dropped'],
  [10, 'kept'],
  [100, 'kept'],
]

/** A mask that is added to the logits and is not −∞: what it leaves out counts in the sum all the same, and more than that where its weight is kept. */
export const finiteMasks: Suspects = (tape) =>
  callsOf(tape, 'maskedSoftmax', 'softmax').flatMap((call): Direction[] => {
    const runOf = call.step === 'softmax' ? afterSoftmax(tape, call) : inSoftmax(tape, call)
    if (runOf === undefined) return []
    return WAYS.map(([by, weights]) => ({
      id: `softmax/masked-by-${by}${weights === 'kept' ? '-kept' : ''}/${call.index}`,
      says: `masked logits lowered by ${by}, not −∞${weights === 'kept' ? ', and their weights kept' : ''}`,
      run: runOf((usual, mask, logits) => {
        const p = usual.softmax(map(logits, (z, i) => (mask.kept[i] === 1 ? z : z - by)))
        return weights === 'kept' ? usual.compress(p) : usual.select(mask, p)
      }),
    }))
  })

/** The weights of a masked row, from the logits of the whole row. */
type Weigh = (usual: Rules, mask: FullMask, logits: Tensor) => FullSparse

/** Softmax over what is kept: the logits of the rest, which nobody computes, are computed. */
function inSoftmax(tape: Tape, call: Call): ((weigh: Weigh) => Run) | undefined {
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
function afterSoftmax(tape: Tape, call: Call): ((weigh: Weigh) => Run) | undefined {
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
