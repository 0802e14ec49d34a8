import fc from 'fast-check'
import type { Arithmetic, Bins, Kinds, Primitive, Windows } from '../reference/arithmetic.ts'
import type { Evaluator } from '../reference/evaluator.ts'
import type { Tensor } from '../reference/tensor.ts'
import { nastyMask, nastyTensor } from './nasty.ts'

/** One call of a primitive: its operands, and the call in any arithmetic. */
export interface Probe {
  readonly tensors: readonly Tensor[]
  compute<K extends Kinds>(a: Arithmetic<K>, xs: readonly K['Dense'][]): K['Dense']
}

/** Answers a probe. */
export function answerProbe<K extends Kinds>(evaluator: Evaluator<K>, probe: Probe): K['Dense'] {
  return probe.compute(
    evaluator.rules,
    probe.tensors.map((x) => evaluator.dense(x)),
  )
}

const extent: fc.Arbitrary<number> = fc.constantFrom(1, 1, 2, 3, 5, 8)
const lead: fc.Arbitrary<readonly number[]> = fc.constantFrom([], [], [1], [2], [2, 1])

interface Sizes {
  readonly lead: readonly number[]
  readonly n: number
  readonly k: number
  readonly m: number
}
const sizes: fc.Arbitrary<Sizes> = fc.record({ lead, n: extent, k: extent, m: extent })

type Shapes = (sizes: Sizes) => readonly (readonly number[])[]

/** A probe of operands with those shapes; `masks` says which operands are zeros and ones. */
function calls(
  shapes: Shapes,
  compute: Probe['compute'],
  masks: readonly number[] = [],
): fc.Arbitrary<Probe> {
  return sizes.chain((all) =>
    fc
      .tuple(...shapes(all).map((shape, i) => (masks.includes(i) ? nastyMask(shape) : nastyTensor(shape))))
      .map((tensors) => ({ tensors, compute })),
  )
}

const alike: Shapes = ({ lead: l, n, k }) => [
  [...l, n, k],
  [...l, n, k],
]
const single: Shapes = ({ lead: l, n, k }) => [[...l, n, k]]
const product: Shapes = ({ lead: l, n, k, m }) => [
  [...l, n, k],
  [...l, k, m],
]
const transposed: Shapes = ({ lead: l, n, k, m }) => [
  [...l, n, k],
  [...l, m, k],
]
const masked: Shapes = ({ lead: l, n, m, k }) => [
  [...l, n, m],
  [...l, n, k],
  [...l, m, k],
]

/** A mask from zeros and ones: all that is not zero. */
function maskFrom<K extends Kinds>(a: Arithmetic<K>, x: K['Dense']): K['Mask'] {
  return a.topK(a.compress(x), a.shape(x).at(-1) ?? 0)
}

/** A mask as numbers. */
function kept<K extends Kinds>(a: Arithmetic<K>, mask: K['Mask'], like: K['Dense']): K['Dense'] {
  return a.expand(a.select(mask, a.exp(a.scale(like, 0))))
}

const chooses = (budget: number): fc.Arbitrary<Probe> =>
  calls(single, (a, [x]) => kept(a, a.topK(a.compress(x), budget), x))

const map: Shapes = ({ lead: l, n, k, m }) => [[...l, n, k, m]]
const binsOf = (x: readonly number[]): Bins => {
  const [H, W] = x.slice(-3)
  const along = (size: number): (readonly [number, number])[] => [
    [0, Math.ceil(size / 2)],
    [Math.floor(size / 2), size],
  ]
  return { rows: along(H), columns: along(W) }
}
const windowsOf = (x: readonly number[]): Windows => {
  const [H, W] = x.slice(-3)
  const [height, width] = [Math.ceil(H / 2), Math.ceil(W / 2)]
  return { rows: [0, H - height], columns: [0, W - width], height, width }
}

/** Convolutions: one kernel a channel, or all channels in every kernel. */
const convolution = (depthwise: boolean): fc.Arbitrary<Probe> =>
  fc.constantFrom(1, 3).chain((size) =>
    calls(
      ({ lead: l, n, k, m }) => [
        [...l, Math.min(n, 4), Math.min(k, 4), m],
        depthwise ? [m, 1, size, size] : [2, m, size, size],
        [depthwise ? m : 2],
      ],
      (a, [x, weight, bias]) => a.convolve(x, weight, bias, depthwise ? (a.shape(x).at(-1) ?? 1) : 1),
    ),
  )

const eps: fc.Arbitrary<number> = fc.constantFrom(1e-6, 1e-5, 1e-12, 1)

/** Every primitive that gives numbers or choices, with the probes that examine it. */
export const probes: Readonly<Partial<Record<Primitive, fc.Arbitrary<Probe>>>> = {
  reshape: calls(single, (a, [x]) => a.reshape(x, [a.shape(x).reduce((size, n) => size * n, 1)])),
  swapAxes: calls(single, (a, [x]) => a.swapAxes(x, -1, -2)),
  concat: calls(alike, (a, [x, y]) => a.concat([x, y], -2)),
  slice: calls(single, (a, [x]) => a.slice(x, -1, (a.shape(x).at(-1) ?? 1) >> 1, a.shape(x).at(-1) ?? 1)),
  windows: calls(map, (a, [x]) => a.windows(x, windowsOf(a.shape(x)))),
  add: calls(alike, (a, [x, y]) => a.add(x, y)),
  subtract: calls(alike, (a, [x, y]) => a.subtract(x, y)),
  multiply: calls(
    ({ lead: l, n, k }) => [[...l, n, k], [k]],
    (a, [x, y]) => a.multiply(x, y),
  ),
  weigh: calls(alike, (a, [w, x]) => a.weigh(w, x)),
  scale: fc
    .constantFrom(1 / Math.sqrt(3), 0.5, -1e-30, 1e3)
    .chain((factor) => calls(single, (a, [x]) => a.scale(x, factor))),
  exp: calls(single, (a, [x]) => a.exp(x)),
  gelu: calls(single, (a, [x]) => a.gelu(x)),
  sum: fc
    .constantFrom('last' as const, 'all' as const)
    .chain((over) => calls(single, (a, [x]) => a.sum(x, over))),
  mean: fc
    .constantFrom('last' as const, 'all' as const)
    .chain((over) => calls(single, (a, [x]) => a.mean(x, over))),
  pool: fc
    .constantFrom('mean' as const, 'max' as const)
    .chain((reduction) => calls(map, (a, [x]) => a.pool(x, binsOf(a.shape(x)), reduction))),
  matmul: calls(product, (a, [x, y]) => a.matmul(x, y)),
  matmulTransposed: calls(transposed, (a, [x, y]) => a.matmulTransposed(x, y)),
  linear: fc.oneof(
    calls(
      ({ lead: l, n, k, m }) => [[...l, n, k], [m, k], [m]],
      (a, [x, weight, bias]) => a.linear(x, weight, bias),
    ),
    calls(
      ({ lead: l, n, k, m }) => [
        [...l, n, k],
        [m, k],
      ],
      (a, [x, weight]) => a.linear(x, weight),
    ),
  ),
  convolve: fc.oneof(convolution(true), convolution(false)),
  softmax: calls(single, (a, [x]) => a.softmax(x)),
  logSoftmax: calls(single, (a, [x]) => a.logSoftmax(x)),
  layerNorm: eps.chain((ε) =>
    calls(
      ({ lead: l, n, k }) => [[...l, n, k], [k], [k]],
      (a, [x, weight, bias]) => a.layerNorm(x, weight, bias, ε),
    ),
  ),
  compress: calls(single, (a, [x]) => a.expand(a.compress(x))),
  expand: calls(single, (a, [x]) => a.expand(a.compress(x))),
  threshold: fc
    .constantFrom(0, 0.05, 1, 1e-38)
    .chain((tau) => calls(single, (a, [x]) => a.expand(a.threshold(x, tau)))),
  thresholdMagnitude: fc
    .constantFrom(0, 0.01, 1, 1e-38)
    .chain((t) => calls(single, (a, [x]) => a.expand(a.thresholdMagnitude(x, t)))),
  sparseMatmul: calls(product, (a, [x, y]) => a.expand(a.sparseMatmul(a.compress(x), a.compress(y)))),
  topK: fc.integer({ min: 0, max: 9 }).chain(chooses),
  matmulAt: calls(masked, (a, [mask, x, y]) => a.expand(a.matmulAt(maskFrom(a, mask), x, y)), [0]),
  sparseScale: calls(single, (a, [x]) => a.expand(a.sparseScale(a.compress(x), 1 / Math.sqrt(3)))),
  maskedSoftmax: calls(
    alike,
    (a, [mask, x]) => a.expand(a.maskedSoftmax(maskFrom(a, mask), a.select(maskFrom(a, mask), x))),
    [0],
  ),
  select: calls(alike, (a, [mask, x]) => a.expand(a.select(maskFrom(a, mask), x)), [0]),
  sparseMatmulDense: calls(product, (a, [x, y]) => a.sparseMatmulDense(a.compress(x), y)),
}
