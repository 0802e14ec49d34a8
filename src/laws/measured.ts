import type { MaskArray } from '../../reference/evaluator.ts'
import { formatShape, sameShape, sizeOf, tensor, type Shape, type Tensor } from '../../reference/tensor.ts'
import { coordinates } from '../cases/read-case.ts'
import { GROSS_DEVIATIONS } from '../verdict/noise/choice.ts'
import { SMALLEST_NORMAL } from '../verdict/profile/accuracy.ts'
import { LawBroken } from './law.ts'

/** A tensor computed by the arithmetic under test, with the variance of the noise it may have. */
export interface Measured {
  readonly tensor: Tensor
  readonly s2: Tensor
}

/** A tensor whose noise is worked out when it is first looked at. */
export function measured(x: Tensor, variance: () => Tensor): Measured {
  let s2: Tensor | undefined
  return {
    tensor: x,
    get s2() {
      s2 ??= variance()
      return s2
    },
  }
}

/** A value known exactly: a constant a law compares with. */
export function exact(x: Tensor): Measured {
  return measured(x, () => tensor(new Float64Array(x.size), x.shape))
}

/** The same change (a permutation, a slice, a reshape) of values and noise. */
export function measuredLike(x: Measured, change: (x: Tensor) => Tensor): Measured {
  return measured(change(x.tensor), () => change(x.s2))
}

/** x + y in float64, the noises being independent. */
export function plus(x: Measured, y: Measured): Measured {
  return combine(x.tensor.shape, (i) => [at(x, i) + at(y, i), noiseAt(x, i) + noiseAt(y, i)])
}

/** factor·x in float64. */
export function times(x: Measured, factor: number): Measured {
  return combine(x.tensor.shape, (i) => [factor * at(x, i), factor ** 2 * noiseAt(x, i)])
}

/** x ⊙ y in float64. */
export function product(x: Measured, y: Measured): Measured {
  return combine(x.tensor.shape, (i) => [
    at(x, i) * at(y, i),
    at(x, i) ** 2 * noiseAt(y, i) + at(y, i) ** 2 * noiseAt(x, i),
  ])
}

/** Every entry of a row the row's sum, in float64. */
export function rowTotals(x: Measured): Measured {
  const width = x.tensor.shape.at(-1) ?? 1
  const total = (of: Tensor, i: number): number => {
    const start = i - (i % width)
    let sum = 0
    for (let j = start; j < start + width; j++) sum += of.data[j]
    return sum
  }
  return combine(x.tensor.shape, (i) => [total(x.tensor, i), total(x.s2, i)])
}

function at({ tensor: x }: Measured, i: number): number {
  return x.data[i]
}

function noiseAt({ s2 }: Measured, i: number): number {
  return s2.data[i]
}

function combine(shape: Shape, entry: (i: number) => readonly [value: number, s2: number]): Measured {
  const size = sizeOf(shape)
  const [values, variances] = [new Float64Array(size), new Float64Array(size)]
  for (let i = 0; i < size; i++) [values[i], variances[i]] = entry(i)
  return { tensor: tensor(values, shape), s2: tensor(variances, shape) }
}

/**
 * Two measured tensors agree within their noise: |a − b| ≤ 30·√(s_a² + s_b²), 30 standard deviations being what no
 * legal runtime was seen to exceed.
 * @throws LawBroken at the element that is furthest off
 */
export function agree(what: string, a: Measured, b: Measured): void {
  demandSameShape(what, a.tensor.shape, b.tensor.shape)
  const [noiseOfA, noiseOfB] = [a.s2, b.s2]
  let [worst, most] = [-1, 1]
  for (let i = 0; i < a.tensor.size; i++) {
    const off = Math.abs(at(a, i) - at(b, i)) - 2 * SMALLEST_NORMAL
    if (off <= 0) continue
    const share = off / (GROSS_DEVIATIONS * Math.sqrt(noiseOfA.data[i] + noiseOfB.data[i]))
    if (!(share <= most)) [worst, most] = [i, share]
  }
  if (worst !== -1) {
    const place = coordinates(worst, a.tensor.shape)
    throw new LawBroken(
      `${what}: at ${place} ${at(a, worst)} and ${at(b, worst)}, ${most.toPrecision(3)} times what noise allows`,
    )
  }
}

/**
 * Every element lies between the bounds of its index, give or take its noise.
 * @throws LawBroken at the first that does not
 */
export function between(
  what: string,
  { tensor: x, s2 }: Measured,
  low: (index: number) => number,
  high: (index: number) => number,
): void {
  for (let i = 0; i < x.size; i++) {
    const slack = GROSS_DEVIATIONS * Math.sqrt(s2.data[i]) + SMALLEST_NORMAL
    if (x.data[i] >= low(i) - slack && x.data[i] <= high(i) + slack) continue
    throw new LawBroken(
      `${what}: at ${coordinates(i, x.shape)} ${x.data[i]}, expected ${low(i)} to ${high(i)}`,
    )
  }
}

/**
 * Two tensors have the same bits, but for the sign of zero.
 * @throws LawBroken at the first element that differs
 */
export function identical(what: string, a: Tensor | MaskArray, b: Tensor | MaskArray): void {
  demandSameShape(what, a.shape, b.shape)
  for (let i = 0; i < a.data.length; i++) {
    if (a.data[i] !== b.data[i] && !(Number.isNaN(a.data[i]) && Number.isNaN(b.data[i]))) {
      throw new LawBroken(
        `${what}: at ${coordinates(i, a.shape)} ${a.data[i]} and ${b.data[i]}, expected the same`,
      )
    }
  }
}

/** @throws LawBroken with `message` unless `condition` */
export function demand(condition: boolean, message: () => string): void {
  if (!condition) throw new LawBroken(message())
}

function demandSameShape(what: string, a: Shape, b: Shape): void {
  if (!sameShape(a, b)) throw new LawBroken(`${what}: shapes ${formatShape(a)} and ${formatShape(b)}`)
}
