import type { Tensor } from '../../../reference/tensor.ts'
import { openAt, openInTopK, ranked } from '../noise/choice.ts'
import { fill } from '../noise/noise.ts'
import type { Bounded, BoundedSparse } from './bounded.ts'
import { asOperand } from './flushed.ts'

/**
 * Choices made of computed numbers. An entry whose interval reaches the limit, or whose rank its interval leaves open, is
 * *ambiguous*: legal runtimes may differ, and what is computed from it is bounded with it and without it. Of these, where
 * noise as well could turn the choice (`noise/choice.ts`), nobody can say what to expect, and the variance is infinite.
 */
export interface Choice {
  readonly kept: Uint8Array
  /** By the bound. */
  readonly ambiguous: Uint8Array
  /** By the bound and the noise. */
  readonly open: Uint8Array
}

/**
 * What is above the limit in `size`, which is x or its magnitude, given what is in truth. Either may be taken as 0 below `flush`.
 * @param spread how far off the limit may be that a runtime compares with
 */
export function choiceAt(size: Bounded, limit: number, kept: Uint8Array, flush: number, spread = 0): Choice {
  const bounds = asOperand(size, flush).data
  const other = Math.abs(limit) < flush ? 0 : limit
  const ambiguous = Uint8Array.from(size.v.data, (value, i) => {
    const bound = bounds[i]
    const [lower, upper] = [Math.min(limit, other) - spread, Math.max(limit, other) + spread]
    const mayStay = bound > 0 ? value + bound >= lower : value > lower
    return Number(mayStay && !(value - bound > upper))
  })
  return { kept, ambiguous, open: both(ambiguous, openAt(size, limit, spread)) }
}

/** What is among the `budget` largest of a row, given what is in truth. */
export function choiceInTopK(scores: Bounded, budget: number, kept: Uint8Array): Choice {
  const { v, b } = scores
  const ambiguous = new Uint8Array(v.size)
  const m = v.shape.at(-1) ?? 1
  const low = (i: number): number => v.data[i] - b.data[i]
  const high = (i: number): number => v.data[i] + b.data[i]
  for (let start = 0; start < v.size; start += m) {
    const row = Array.from({ length: m }, (_, column) => start + column)
    if (row.every((i) => b.data[i] === 0)) continue
    for (const { index, mayStay, mayGo } of ranked(row, budget, low, high)) {
      const isZero = v.data[index] === 0 && b.data[index] === 0
      const mayBeZero = low(index) <= 0 && high(index) >= 0
      if (!isZero && mayStay && (mayGo || mayBeZero)) ambiguous[index] = 1
    }
  }
  return { kept, ambiguous, open: both(ambiguous, openInTopK(scores, budget)) }
}

/** The entries of `x` that a choice keeps or may keep; of the latter, the bound spans 0 and the value. */
export function chosen({ kept, ambiguous, open }: Choice, x: Bounded): BoundedSparse {
  const { v, b, s2 } = x
  const truth = fill(v.shape, (i) => (kept[i] === 1 ? v.data[i] : 0))
  return {
    v: truth,
    b: fill(v.shape, (i) =>
      // dropped where truth keeps, it is 0; kept where truth drops, anything within its own bound
      kept[i] === 0
        ? ambiguous[i] === 0
          ? 0
          : Math.abs(v.data[i]) + b.data[i]
        : Math.max(ambiguous[i] === 0 ? 0 : Math.abs(v.data[i]), b.data[i]),
    ),
    s2: fill(v.shape, (i) => (open[i] === 1 ? Infinity : kept[i] === 1 ? s2.data[i] : 0)),
    kept: kept.map((byte, i) => byte | ambiguous[i]),
  }
}

/** The choice that a mask is, if it leaves any. */
export function choiceOf(data: Uint8Array, ambiguous?: Uint8Array, open?: Uint8Array): Choice {
  const none = new Uint8Array(data.length)
  return { kept: data, ambiguous: ambiguous ?? none, open: open ?? none }
}

/** The bytes of a mask, 1 only where it surely keeps. */
export function surelyKept(data: Uint8Array, ambiguous?: Uint8Array): Uint8Array {
  return ambiguous === undefined ? data : data.map((byte, i) => byte & (1 - ambiguous[i]))
}

/** |x| with x's bound and noise. */
export function magnitudes(x: Bounded): Bounded {
  return { ...x, v: absolute(x.v) }
}

function absolute({ data, shape }: Tensor): Tensor {
  return fill(shape, (i) => Math.abs(data[i]))
}

function both(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte & b[i])
}
