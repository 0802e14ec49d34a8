import type { FullSparse } from '../../../../reference/float32/full.ts'
import type { Tensor } from '../../../../reference/tensor.ts'
import { once, onceOfTwo } from '../../noise/once.ts'
import { altered, callsOf, type Direction, type Suspects } from '../direction.ts'
import { isTensor } from '../elements.ts'
import { bf16, fp16, tf32 } from '../formats.ts'
import type { Call } from '../tape.ts'
import type { Rules } from '../traced.ts'

const LAYERS = ['linear', 'convolve'] as const
const ATTENTION = ['matmul', 'matmulTransposed', 'matmulAt', 'sparseMatmul', 'sparseMatmulDense'] as const

/** Inputs of products rounded to a shorter format: everywhere, in layers with weights alone, in attention alone. */
export const shortFormats: Suspects = (tape) => {
  const [inLayers, inAttention] = [callsOf(tape, ...LAYERS), callsOf(tape, ...ATTENTION)]
  const all = callsOf(tape, ...LAYERS, ...ATTENTION)
  const [layers, attention] = [lastOf(inLayers), lastOf(inAttention)]
  const places = [
    { id: '', says: '', calls: all, some: layers.length > 0 ? layers : attention },
    { id: '/linear', says: ' in layers with weights', calls: inLayers, some: layers },
    { id: '/attention', says: ' in products of attention', calls: inAttention, some: attention },
  ].filter(({ calls }, i) => calls.length > 0 && (i === 0 || calls.length < all.length))

  const formats = [bf16, tf32, fp16].map((format) => {
    // weights are the same wherever they are rounded, and so is what layers give before the first product of attention
    const [rounded, known] = [once(format.roundAll), onceOfTwo<Tensor>()]
    const inputs = (usual: Rules): Partial<Rules> => roundingInputs(usual, rounded, known)
    const results = (usual: Rules): Partial<Rules> => roundingAll(usual, rounded, known)
    const part = once((some: readonly Call[]) => altered(tape, some, inputs))
    return { format, inputs, results, part }
  })
  return places.flatMap(({ id, says, calls, some }) =>
    formats.flatMap(({ format, inputs, results, part }): Direction[] => {
      const direction = (
        kind: string,
        sentence: string,
        profile: string,
        rules: typeof inputs,
      ): Direction => ({
        id: `${kind}/${format.name}${id}`,
        says: `${sentence}${says}`,
        costly: true,
        profile: `${format.short}-${profile}`,
        run: altered(tape, calls, rules),
        ...(some.length < calls.length ? { part: part(some) } : {}),
      })
      const rounding = direction('inputs', `inputs of products rounded to ${format.name}`, 'inputs', inputs)
      if (format === tf32) return [rounding]
      const everything = `products in ${format.name}, factors, bias and result`
      return [rounding, direction('autocast', everything, 'model', results)]
    }),
  )
}

/** The last two products of which a shorter format would round a factor: little is computed after them, and so anew. */
function lastOf(calls: readonly Call[]): Call[] {
  return calls.filter(({ operands }) => operands.some((x) => isTensor(x) && isRounded(x))).slice(-2)
}

function isRounded({ data }: Tensor): boolean {
  return data.some((x) => x !== tf32.round(x))
}

/**
 * @param r rounds a factor
 * @param known products of layers that were worked out before
 */
function roundingInputs(
  usual: Rules,
  r: (x: Tensor) => Tensor,
  known: ReturnType<typeof onceOfTwo<Tensor>>,
): Partial<Rules> {
  return {
    linear(x, weight, bias) {
      const product = known(r(x), r(weight), () => usual.linear(r(x), r(weight)))
      return bias === undefined ? product : usual.add(product, bias)
    },
    convolve: (x, weight, bias, groups) => usual.convolve(r(x), r(weight), bias, groups),
    matmul: (x, y) => usual.matmul(r(x), r(y)),
    matmulTransposed: (x, y) => usual.matmulTransposed(r(x), r(y)),
    matmulAt: (mask, x, y) => usual.matmulAt(mask, r(x), r(y)),
    sparseMatmul: (x, y) => usual.sparseMatmul({ ...x, values: r(x.values) }, { ...y, values: r(y.values) }),
    sparseMatmulDense: (x, y) => usual.sparseMatmulDense({ ...x, values: r(x.values) }, r(y)),
  }
}

/** Products as mixed precision has them: what is summed in float32 is then rounded as well. */
function roundingAll(
  usual: Rules,
  r: (x: Tensor) => Tensor,
  known: ReturnType<typeof onceOfTwo<Tensor>>,
): Partial<Rules> {
  const inputs = { ...usual, ...roundingInputs(usual, r, known) }
  const held = ({ values, kept }: FullSparse): FullSparse => ({ values: r(values), kept })
  return {
    linear: (x, weight, bias) => r(inputs.linear(x, weight, bias === undefined ? bias : r(bias))),
    convolve: (x, weight, bias, groups) =>
      r(inputs.convolve(x, weight, bias === undefined ? bias : r(bias), groups)),
    matmul: (x, y) => r(inputs.matmul(x, y)),
    matmulTransposed: (x, y) => r(inputs.matmulTransposed(x, y)),
    matmulAt: (mask, x, y) => held(inputs.matmulAt(mask, x, y)),
    sparseMatmul: (x, y) => held(inputs.sparseMatmul(x, y)),
    sparseMatmulDense: (x, y) => r(inputs.sparseMatmulDense(x, y)),
  }
}
