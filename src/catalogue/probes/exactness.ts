import type { Arithmetic, Kinds } from '../../../reference/arithmetic.ts'
import type { Evaluator, Value } from '../../../reference/evaluator.ts'
import type { FullMask, FullSparse } from '../../../reference/float32/full.ts'
import { fullEvaluator } from '../../../reference/float32/index.ts'
import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { evaluate } from '../../arithmetics/evaluate.ts'
import { read } from '../../arithmetics/recording.ts'
import type { Question } from '../../cases/question.ts'

/**
 * Values that are all whole multiples of `step`, a power of two; undefined where they need not be exact. Whole multiples no larger than
 * 2²⁴·step are float32 numbers, so where the sum of the magnitudes of the terms is no larger, every partial sum of any order is
 * exact, fused or not.
 */
interface Exact<T> {
  readonly of: T
  readonly step: number | undefined
}

interface ExactKinds extends Kinds {
  readonly Dense: Exact<Tensor>
  readonly Sparse: Exact<FullSparse>
  /** Its step says only whether what chose it was exact. */
  readonly Mask: Exact<FullMask>
}

const LARGEST = 2 ** 24
const truth = fullEvaluator('exactness', Float64Array)
const rules = truth.rules

/**
 * The outputs and intermediates of a question that any order of summing gives exactly in float32, with their values.
 */
export function exactOutputs(question: Question): ReadonlyMap<string, Value> {
  const exposed = evaluate(exactness, question)
  return new Map(
    [...exposed].filter(([, { x }]) => x.step !== undefined).map(([name, x]) => [name, read(exactness, x)]),
  )
}

const dense = (x: Tensor): Exact<Tensor> => ({ of: x, step: stepOf(x.data) })

const exactness: Evaluator<ExactKinds> = {
  name: truth.name,
  rules: exactRules(),
  dense,
  sparse: (x) => ({ of: truth.sparse(x), step: stepOf(x.data) }),
  mask: (mask) => ({ of: truth.mask(mask), step: 1 }),
  readDense: ({ of }) => truth.readDense(of),
  readSparse: ({ of }) => truth.readSparse(of),
  readMask: ({ of }) => truth.readMask(of),
}

function exactRules(): Arithmetic<ExactKinds> {
  const inexact = (of: Tensor): Exact<Tensor> => ({ of, step: undefined })
  /** Same values, other places. */
  const moved = <T, U>({ step }: Exact<T>, of: U): Exact<U> => ({ of, step })
  const product = (...steps: readonly (number | undefined)[]): number | undefined =>
    steps.reduce((all, step) => (all === undefined || step === undefined ? undefined : all * step), 1)
  const finest = (...steps: readonly (number | undefined)[]): number | undefined =>
    steps.reduce(
      (all, step) => (all === undefined || step === undefined ? undefined : Math.min(all, step)),
      Infinity,
    )
  /** Exact if no partial sum, at most `most`, is larger than the step allows. */
  const summed = (of: Tensor, step: number | undefined, most: Tensor): Exact<Tensor> => ({
    of,
    step: fits(step, most) ? step : undefined,
  })
  const dividedBy = (n: number, { of, step }: Exact<Tensor>): Exact<Tensor> => ({
    of,
    step: step !== undefined && Number.isInteger(Math.log2(n)) ? step / n : undefined,
  })

  return {
    shape: ({ of }) => rules.shape(of),
    reshape: (x, shape) => moved(x, rules.reshape(x.of, shape)),
    swapAxes: (x, axis, other) => moved(x, rules.swapAxes(x.of, axis, other)),
    concat: (xs, axis) => ({
      of: rules.concat(
        xs.map(({ of }) => of),
        axis,
      ),
      step: finest(...xs.map(({ step }) => step)),
    }),
    slice: (x, axis, start, end) => moved(x, rules.slice(x.of, axis, start, end)),
    windows: (x, layout) => moved(x, rules.windows(x.of, layout)),

    add: (x, y) => single(rules.add(x.of, y.of), finest(x.step, y.step)),
    subtract: (x, y) => single(rules.subtract(x.of, y.of), finest(x.step, y.step)),
    multiply: (x, y) => single(rules.multiply(x.of, y.of), product(x.step, y.step)),
    weigh: (w, x) => single(rules.weigh(w.of, x.of), product(w.step, x.step)),
    scale: (x, factor) => single(rules.scale(x.of, factor), product(x.step, stepOf([factor]))),
    exp: (x) => inexact(rules.exp(x.of)),
    gelu: (x) => inexact(rules.gelu(x.of)),

    sum: (x, over) => summed(rules.sum(x.of, over), x.step, rules.sum(magnitude(x.of), over)),
    mean(x, over) {
      const terms = x.of.size / rules.sum(x.of, over).size
      const sum = summed(rules.sum(x.of, over), x.step, rules.sum(magnitude(x.of), over))
      return dividedBy(terms, { of: rules.mean(x.of, over), step: sum.step })
    },
    pool(x, bins, reduction) {
      const of = rules.pool(x.of, bins, reduction)
      if (reduction === 'max') return moved(x, of)
      const counts = bins.rows.flatMap(([top, bottom]) =>
        bins.columns.map(([left, right]) => (bottom - top) * (right - left)),
      )
      const most = Math.max(...counts)
      const sums = rules.scale(rules.pool(magnitude(x.of), bins, 'mean'), most)
      const step = counts.every((count) => Number.isInteger(Math.log2(count))) ? x.step : undefined
      return dividedBy(most, summed(of, step, sums))
    },

    matmul: (x, y) =>
      summed(
        rules.matmul(x.of, y.of),
        product(x.step, y.step),
        rules.matmul(magnitude(x.of), magnitude(y.of)),
      ),
    matmulTransposed: (x, y) =>
      summed(
        rules.matmulTransposed(x.of, y.of),
        product(x.step, y.step),
        rules.matmulTransposed(magnitude(x.of), magnitude(y.of)),
      ),
    linear(x, weight, bias) {
      const step = finest(product(x.step, weight.step), ...(bias === undefined ? [] : [bias.step]))
      const sizes = rules.linear(magnitude(x.of), magnitude(weight.of), bias && magnitude(bias.of))
      return summed(rules.linear(x.of, weight.of, bias?.of), step, sizes)
    },
    convolve(x, weight, bias, groups) {
      const step = finest(product(x.step, weight.step), ...(bias === undefined ? [] : [bias.step]))
      const sizes = rules.convolve(magnitude(x.of), magnitude(weight.of), bias && magnitude(bias.of), groups)
      return summed(rules.convolve(x.of, weight.of, bias?.of, groups), step, sizes)
    },

    softmax: (x) => inexact(rules.softmax(x.of)),
    logSoftmax: (x) => inexact(rules.logSoftmax(x.of)),
    layerNorm: (x, weight, bias, eps) => inexact(rules.layerNorm(x.of, weight.of, bias.of, eps)),

    compress: (x) => moved(x, rules.compress(x.of)),
    expand: (x) => moved(x, rules.expand(x.of)),
    threshold: (x, tau) => moved(x, rules.threshold(x.of, tau)),
    thresholdMagnitude: (x, t) => moved(x, rules.thresholdMagnitude(x.of, t)),
    topK: (x, budget) => moved(x, rules.topK(x.of, budget)),
    sparseMatmul(x, y) {
      const sizes = rules.matmul(magnitude(x.of.values), magnitude(y.of.values))
      const of = rules.sparseMatmul(x.of, y.of)
      return moved(summed(of.values, product(x.step, y.step), sizes), of)
    },
    matmulAt(mask, x, y) {
      const sizes = rules.matmulTransposed(magnitude(x.of), magnitude(y.of))
      const of = rules.matmulAt(mask.of, x.of, y.of)
      return moved(summed(of.values, mask.step && product(x.step, y.step), sizes), of)
    },
    sparseScale(x, factor) {
      const of = rules.sparseScale(x.of, factor)
      return moved(single(of.values, product(x.step, stepOf([factor]))), of)
    },
    maskedSoftmax: (mask, x) => ({ of: rules.maskedSoftmax(mask.of, x.of), step: undefined }),
    select: (mask, x) => ({ of: rules.select(mask.of, x.of), step: mask.step && x.step }),
    sparseMatmulDense(x, y) {
      const sizes = rules.matmul(magnitude(x.of.values), magnitude(y.of))
      return summed(rules.sparseMatmulDense(x.of, y.of), product(x.step, y.step), sizes)
    },

    composite: (_name, _operands, body) => body(),
    scope: (_, body) => body(),
    expose: (_, x) => x,
    exposeSparse: (_, x) => x,
    exposeMask: (_, x) => x,
  }

  /** What one rounding leaves as it is if it fits. */
  function single(of: Tensor, step: number | undefined): Exact<Tensor> {
    return summed(of, step, magnitude(of))
  }
}

function magnitude({ data, shape }: Tensor): Tensor {
  return tensor(Float64Array.from(data, Math.abs), shape)
}

/** Subnormals may be flushed, so that a step must not reach them. */
function fits(step: number | undefined, { data }: Tensor): boolean {
  return step !== undefined && step >= 2 ** -126 && data.every((x) => x <= LARGEST * step)
}

/** The largest power of two of which all of `data` are whole multiples, if that leaves them within 2²⁴ of it; at most 1. */
function stepOf(data: ArrayLike<number>): number | undefined {
  let step = 1
  for (let i = 0; i < data.length; i++) {
    while (!Number.isInteger(data[i] / step)) {
      step /= 2
      if (step < 2 ** -126) return undefined
    }
  }
  for (let i = 0; i < data.length; i++) if (!(Math.abs(data[i]) <= LARGEST * step)) return undefined
  return step
}
