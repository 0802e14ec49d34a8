import type { Arithmetic, Primitive } from '../../../reference/arithmetic.ts'
import type { FullMask, FullSparse } from '../../../reference/float32/full.ts'
import type { FullKinds } from '../../../reference/float32/index.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import type { Exposed } from '../../arithmetics/recording.ts'

/** Rules over whole rows: what truth, its patches and its noise are written in. */
export type Rules = Arithmetic<FullKinds>

/** The primitives of which a call is recorded: all that compute or move something. */
export type Step = Exclude<
  Primitive,
  'shape' | 'composite' | 'scope' | 'expose' | 'exposeSparse' | 'exposeMask'
>

/** Does the call that is being made by the rules it is handed. */
export type Perform = (rules: Rules) => Exposed<FullKinds>

/** Decides what a call gives: what `perform` gives by some rules, or what is known already. */
export type OnCall = (step: Step, operands: readonly unknown[], perform: Perform) => Exposed<FullKinds>

/** The rules with every call passing through `onCall`; `operands` are tensors by identity and everything else by value. */
export function traced(base: Rules, onCall: OnCall): Rules {
  const dense = (step: Step, operands: readonly unknown[], perform: (rules: Rules) => Tensor): Tensor => {
    const result = onCall(step, operands, (rules) => ({ kind: 'dense', x: perform(rules) }))
    if (result.kind !== 'dense') throw new TypeError(`${step}: a ${result.kind} came of a dense call`)
    return result.x
  }
  const sparse = (
    step: Step,
    operands: readonly unknown[],
    perform: (rules: Rules) => FullSparse,
  ): FullSparse => {
    const result = onCall(step, operands, (rules) => ({ kind: 'sparse', x: perform(rules) }))
    if (result.kind !== 'sparse') throw new TypeError(`${step}: a ${result.kind} came of a sparse call`)
    return result.x
  }
  const mask = (step: Step, operands: readonly unknown[], perform: (rules: Rules) => FullMask): FullMask => {
    const result = onCall(step, operands, (rules) => ({ kind: 'mask', x: perform(rules) }))
    if (result.kind !== 'mask') throw new TypeError(`${step}: a ${result.kind} came of a mask's call`)
    return result.x
  }
  return {
    shape: (x) => base.shape(x),
    reshape: (x, shape) => dense('reshape', [x, ...shape], (a) => a.reshape(x, shape)),
    swapAxes: (x, i, j) => dense('swapAxes', [x, i, j], (a) => a.swapAxes(x, i, j)),
    concat: (xs, axis) => dense('concat', [...xs, axis], (a) => a.concat(xs, axis)),
    slice: (x, axis, start, end) =>
      dense('slice', [x, axis, start, end], (a) => a.slice(x, axis, start, end)),
    windows: (x, layout) => dense('windows', [x, JSON.stringify(layout)], (a) => a.windows(x, layout)),

    add: (x, y) => dense('add', [x, y], (a) => a.add(x, y)),
    subtract: (x, y) => dense('subtract', [x, y], (a) => a.subtract(x, y)),
    multiply: (x, y) => dense('multiply', [x, y], (a) => a.multiply(x, y)),
    weigh: (w, x) => dense('weigh', [w, x], (a) => a.weigh(w, x)),
    scale: (x, factor) => dense('scale', [x, factor], (a) => a.scale(x, factor)),
    exp: (x) => dense('exp', [x], (a) => a.exp(x)),
    gelu: (x) => dense('gelu', [x], (a) => a.gelu(x)),

    sum: (x, over) => dense('sum', [x, over], (a) => a.sum(x, over)),
    mean: (x, over) => dense('mean', [x, over], (a) => a.mean(x, over)),
    pool: (x, bins, reduction) =>
      dense('pool', [x, JSON.stringify(bins), reduction], (a) => a.pool(x, bins, reduction)),

    matmul: (x, y) => dense('matmul', [x, y], (a) => a.matmul(x, y)),
    matmulTransposed: (x, y) => dense('matmulTransposed', [x, y], (a) => a.matmulTransposed(x, y)),
    linear: (x, weight, bias) => dense('linear', [x, weight, bias], (a) => a.linear(x, weight, bias)),
    convolve: (x, weight, bias, groups) =>
      dense('convolve', [x, weight, bias, groups], (a) => a.convolve(x, weight, bias, groups)),

    softmax: (x) => dense('softmax', [x], (a) => a.softmax(x)),
    logSoftmax: (x) => dense('logSoftmax', [x], (a) => a.logSoftmax(x)),
    layerNorm: (x, weight, bias, eps) =>
      dense('layerNorm', [x, weight, bias, eps], (a) => a.layerNorm(x, weight, bias, eps)),

    compress: (x) => sparse('compress', [x], (a) => a.compress(x)),
    expand: (x) => dense('expand', [x], (a) => a.expand(x)),
    threshold: (x, tau) => sparse('threshold', [x, tau], (a) => a.threshold(x, tau)),
    thresholdMagnitude: (x, t) => sparse('thresholdMagnitude', [x, t], (a) => a.thresholdMagnitude(x, t)),
    sparseMatmul: (x, y) => sparse('sparseMatmul', [x, y], (a) => a.sparseMatmul(x, y)),
    topK: (x, budget) => mask('topK', [x, budget], (a) => a.topK(x, budget)),
    matmulAt: (m, x, y) => sparse('matmulAt', [m, x, y], (a) => a.matmulAt(m, x, y)),
    sparseScale: (x, factor) => sparse('sparseScale', [x, factor], (a) => a.sparseScale(x, factor)),
    maskedSoftmax: (m, x) => sparse('maskedSoftmax', [m, x], (a) => a.maskedSoftmax(m, x)),
    select: (m, x) => sparse('select', [m, x], (a) => a.select(m, x)),
    sparseMatmulDense: (x, y) => dense('sparseMatmulDense', [x, y], (a) => a.sparseMatmulDense(x, y)),

    composite: (_name, _operands, body) => body(),
    scope: (_, body) => body(),
    expose: (_, x) => x,
    exposeSparse: (_, x) => x,
    exposeMask: (_, x) => x,
  }
}
