import { tensor, type Tensor } from '../../../../reference/tensor.ts'
import { once, onceOfTwo } from '../../noise/once.ts'
import { altered, callsOf, shortName, type Direction, type Suspects } from '../direction.ts'
import { map } from '../elements.ts'
import { bf16, fp16, tf32 } from '../formats.ts'
import type { Call, Tape } from '../tape.ts'
import { traced, type Rules } from '../traced.ts'

const LINEAR = ['linear', 'convolve'] as const
const ATTENTION = ['matmul', 'matmulTransposed', 'matmulAt', 'sparseMatmul', 'sparseMatmulDense'] as const

/** A bias left out, of each linear layer and convolution that has one. */
export const missingBiases: Suspects = (tape) =>
  callsOf(tape, ...LINEAR)
    .filter(({ operands }) => operands[2] !== undefined)
    .map((call): Direction => ({
      id: `bias-missing/${nameOfLayer(tape, call)}`,
      says: `the bias of ${nameOfLayer(tape, call)} left out`,
      run: altered(tape, [call], (usual) => ({
        linear: (x, weight, bias) => {
          const y = usual.linear(x, weight, bias)
          return bias === undefined ? y : usual.subtract(y, bias)
        },
        convolve: (x, weight, bias, groups) => {
          const y = usual.convolve(x, weight, bias, groups)
          return bias === undefined ? y : usual.subtract(y, bias)
        },
      })),
    }))

/** A bias added once more, where a weight is used a second time without it. */
export const repeatedBiases: Suspects = (tape) => {
  const linears = callsOf(tape, 'linear')
  return linears.flatMap((call): Direction[] => {
    const [, weight, bias] = call.operands
    const other = linears.find(({ operands }) => operands[1] === weight && operands[2] !== undefined)
    if (bias !== undefined || other === undefined) return []
    const added = tape.question.tensors.get(`param.${shortName(tape, weight)}.bias`)
    if (added?.kind !== 'dense') return []
    return [
      {
        id: `bias-repeated/${call.shownIn}`,
        says: `the bias of ${nameOfLayer(tape, call)} added in ${call.shownIn} too`,
        run: altered(tape, [call], (usual) => ({
          linear: (x, w) =>
            usual.add(
              usual.linear(x, w),
              map(added.tensor, (value) => value),
            ),
        })),
      },
    ]
  })
}

/** A square weight used untransposed. */
export const transposedWeights: Suspects = (tape) =>
  callsOf(tape, 'linear').flatMap((call): Direction[] => {
    const value = tape.question.tensors.get(`param.${shortName(tape, call.operands[1])}.weight`)
    if (value?.kind !== 'dense' || value.tensor.shape[0] !== value.tensor.shape[1]) return []
    return [
      {
        id: `weight-transposed/${nameOfLayer(tape, call)}/${call.shownIn}`,
        says: `x W in place of x Wᵀ in ${nameOfLayer(tape, call)}`,
        run: altered(tape, [call], (usual) => ({
          linear: (x, weight, bias) => usual.linear(x, usual.swapAxes(weight, 0, 1), bias),
        })),
      },
    ]
  })

/** Inputs of products rounded to a shorter format: everywhere, in layers with weights alone, in attention alone. */
export const shortFormats: Suspects = (tape) => {
  // weights are the same wherever they are rounded, and so is what layers give before the first product of attention
  const formats = [bf16, tf32, fp16].map((format) => ({
    format,
    rounded: once((x) => map(x, format.round)),
    known: onceOfTwo<Tensor>(),
  }))
  return [
    { id: '', says: '', calls: callsOf(tape, ...LINEAR, ...ATTENTION) },
    { id: '/linear', says: ' in layers with weights', calls: callsOf(tape, ...LINEAR) },
    { id: '/attention', says: ' in products of attention', calls: callsOf(tape, ...ATTENTION) },
  ]
    .filter(({ calls }, i, all) => calls.length > 0 && (i === 0 || calls.length < all[0].calls.length))
    .flatMap(({ id, says, calls }) =>
      formats.map(({ format, rounded, known }): Direction => ({
        id: `inputs/${format.name}${id}`,
        says: `inputs of products rounded to ${format.name}${says}`,
        costly: true,
        run: altered(tape, calls, (usual) => roundingInputs(usual, rounded, known)),
      })),
    )
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

/** What has a name stored in a shorter format, and gone on with. */
export const shortResults: Suspects = (tape) =>
  [bf16, fp16, tf32].map(({ name, round }) => ({
    id: `stored/${name}`,
    says: `results stored as ${name}`,
    costly: true,
    run: altered(tape, naming(tape), (usual) => changing(usual, round)),
  }))

/** δ of a gain 1 + δ; the direction is one of any gain, β times as large. */
const GAIN = 2 ** -12

/** Each of the runtime's tensors larger by a factor, whatever the cause. */
export const gains: Suspects = (tape) =>
  naming(tape)
    .filter((call) => tape.reach(call).has(call.shownIn))
    .map((call) => ({
      id: `gain/${call.shownIn}`,
      says: `${call.shownIn} larger by β·2⁻¹² of itself`,
      run: altered(tape, [call], (usual) => changing(usual, (x) => x * (1 + GAIN))),
    }))

/** The calls that give what has a name. */
function naming({ calls, exposed }: Tape): Call[] {
  const named = new Set([...exposed.values()].map(({ x }) => x))
  return calls.filter(({ result }) => named.has(result.x))
}

/** Rules of which every result is changed, element by element. */
function changing(usual: Rules, change: (x: number) => number): Rules {
  return traced(usual, (_step, _operands, perform) => {
    const result = perform(usual)
    if (result.kind === 'dense') return { kind: 'dense', x: map(result.x, change) }
    if (result.kind === 'sparse') {
      return { kind: 'sparse', x: { ...result.x, values: map(result.x.values, change) } }
    }
    return result
  })
}

/** Of convolutions: what stands around the map, and how the kernel lies. */
export const convolutions: Suspects = (tape) =>
  callsOf(tape, 'convolve').flatMap((call): Direction[] => {
    const [, weight] = call.operands
    const name = nameOfLayer(tape, call)
    const value = tape.question.tensors.get(`param.${shortName(tape, weight)}.weight`)
    if (value?.kind !== 'dense') return []
    const [, , kh, kw] = value.tensor.shape
    if (kh * kw === 1) return []
    const direction = (id: string, says: string, rules: (usual: Rules) => Partial<Rules>): Direction => ({
      id: `convolution/${id}/${name}`,
      says: `${says} in ${name}`,
      run: altered(tape, [call], rules),
    })
    const padded = (at: (i: number, extent: number) => number) => (usual: Rules) => ({
      convolve: (x: Tensor, w: Tensor, bias: Tensor | undefined, groups: number): Tensor => {
        const [top, left] = [(w.shape[2] - 1) / 2, (w.shape[3] - 1) / 2]
        const [H, W] = x.shape.slice(-3)
        const wide = usual.convolve(surrounded(x, top, left, at), w, bias, groups)
        return usual.slice(usual.slice(wide, -3, top, top + H), -2, left, left + W)
      },
    })
    const square = direction('transposed', 'kernel rows and columns exchanged', (usual) => ({
      convolve: (x, w, bias, groups) => usual.convolve(x, usual.swapAxes(w, -1, -2), bias, groups),
    }))
    const clamp = (i: number, extent: number): number => Math.max(0, Math.min(extent - 1, i))
    return [
      direction('edge', 'padding with the edge, not zeros,', padded(clamp)),
      direction(
        'reflect',
        'reflecting padding, not zeros,',
        padded((i, extent) => clamp(i < 0 ? -i : i >= extent ? 2 * extent - 2 - i : i, extent)),
      ),
      direction(
        'circular',
        'circular padding, not zeros,',
        padded((i, extent) => ((i % extent) + extent) % extent),
      ),
      direction('flipped', 'a flipped kernel (convolution, not cross-correlation)', (usual) => ({
        convolve: (x, w, bias, groups) =>
          usual.convolve(
            x,
            taps(w, (r, s) => [kh - 1 - r, kw - 1 - s]),
            bias,
            groups,
          ),
      })),
    ].concat(kh === kw ? [square] : [])
  })

/** A map with `top` more rows and `left` more columns on either side, whose places lie at `at` of the map. */
function surrounded(x: Tensor, top: number, left: number, at: (i: number, extent: number) => number): Tensor {
  const [H, W, C] = x.shape.slice(-3)
  const lead = x.shape.slice(0, -3)
  const [tall, wide] = [H + 2 * top, W + 2 * left]
  const batches = x.size / (H * W * C)
  const out = new Float64Array(batches * tall * wide * C)
  for (let place = 0; place < batches * tall * wide; place++) {
    const [column, row, batch] = [
      place % wide,
      Math.floor(place / wide) % tall,
      Math.floor(place / wide / tall),
    ]
    const from = (batch * H + at(row - top, H)) * W + at(column - left, W)
    for (let c = 0; c < C; c++) out[place * C + c] = x.data[from * C + c]
  }
  return tensor(out, [...lead, tall, wide, C])
}

/** A kernel `[.., kh, kw]` with each tap taken from elsewhere. */
function taps(w: Tensor, from: (row: number, column: number) => readonly [number, number]): Tensor {
  const [kh, kw] = w.shape.slice(-2)
  return map(w, (_, i) => {
    const [column, row] = [i % kw, Math.floor(i / kw) % kh]
    const [r, s] = from(row, column)
    return w.data[i - row * kw - column + r * kw + s]
  })
}

function nameOfLayer(tape: Tape, { operands, shownIn }: Call): string {
  return shortName(tape, operands[1]) ?? `the layer before ${shownIn}`
}
