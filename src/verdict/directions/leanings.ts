import type { Tensor } from '../../../reference/tensor.ts'
import { map, mapRows } from './elements.ts'
import type { Alter, Call } from './tape.ts'
import type { Rules, Step } from './traced.ts'
import { UNIT } from './units.ts'

/** One ULP of a value is up to 2u of it. */
const ULP = 2 * UNIT

/**
 * The errors that an honest runtime may make alike everywhere: a function that leans one way, as far as functions do that are within
 * what the profile `portable` allows. Each is float64 with that error alone, so it is a direction itself, of which a runtime may have any
 * share in [−1, 1]. Divisions are as often high as low, and an approximation of erf goes up and down: these are noise.
 */
interface Leaning {
  /** Whose error it is: one function may lean every way at once, and functions know nothing of one another. */
  readonly of: Leaner
  /**
   * How much of it one function surely may, at every argument. A ULP is taken for 2⁻²³ of a value, which of one just
   * below a power of two is twice what it is. 0 where it takes several functions, or one that knows more than its
   * argument.
   */
  readonly sure: number
  readonly steps: readonly Step[]
  /** @param t truth's rules, which know what truth's own operands give */
  readonly rules: (t: Rules) => Partial<Rules>
}

type Leaner = 'exp' | 'rsqrt' | 'log' | 'constant'

/** Relative error of exp(x − max), by the shift and by the deepest of its row. */
type OfPower = (shift: number, deepest: number) => number

const LEANINGS: readonly Leaning[] = [
  // exp is allowed (3 + 2|x|) ULP. What all powers of a row share goes with their sum; not so where only exp(0) is exact
  exponential(
    1 / 2,
    () => 3 * ULP,
    (shift) => (shift === 0 ? 0 : ULP),
  ),
  exponential(
    1 / 2,
    (x) => 2 * ULP * x,
    (shift) => 2 * ULP * shift,
  ),
  // or it is exact at 0, and off by its 3 ULP where the row is deepest, however small that is
  exponential(
    0,
    () => 0,
    (shift, deepest) => (deepest === 0 ? 0 : (3 * ULP * shift) / deepest),
  ),
  // and where a running maximum rises, exp(old − new) takes all of the sum before it with it, but no numerator that is computed at the end
  {
    of: 'exp',
    sure: 0,
    steps: ['softmax', 'maskedSoftmax'],
    rules: (t) => ({
      softmax: (x) => rescaled(x, t.softmax(x)),
      maskedSoftmax: (mask, x) => {
        const { values, kept } = t.maskedSoftmax(mask, x)
        return { values: rescaled(x.values, values), kept }
      },
    }),
  },
  // 1/√x: 2 ULP
  {
    of: 'rsqrt',
    sure: 1 / 2,
    steps: ['layerNorm'],
    rules: (t) => ({
      layerNorm: (x, weight, bias, eps) => t.layerNorm(x, t.scale(weight, 1 + 2 * ULP), bias, eps),
    }),
  },
  // log: 3 ULP, or 2⁻²¹ on [½, 2]
  {
    of: 'log',
    // just outside [½, 2], where 3 ULP of ln 2 are less than 2⁻²¹
    sure: (3 * 2 ** -24) / 2 ** -21,
    steps: ['logSoftmax'],
    rules: (t) => ({
      logSoftmax: (x) =>
        rowwise(x, t.logSoftmax(x), (_, logP) => {
          const logSum = -logP.reduce((most, value) => Math.max(most, value), -Infinity)
          const off = Math.max(2 ** -21, 3 * ULP * Math.abs(logSum))
          return logP.map((value) => value - off)
        }),
    }),
  },
  // a constant is rounded, or two that take its place: d^(−1/4) on either factor
  {
    of: 'constant',
    sure: 0,
    steps: ['scale', 'sparseScale'],
    rules: (t) => ({
      scale: (x, factor) => t.scale(t.scale(x, factor), factor === 1 ? 1 : 1 + 2 * UNIT),
      sparseScale: (x, factor) => t.sparseScale(t.sparseScale(x, factor), factor === 1 ? 1 : 1 + 2 * UNIT),
    }),
  },
]

/** One way in which one call may lean. */
export interface Way {
  readonly alter: Alter
  /** How much of it one function surely may, at every argument. */
  readonly sure: number
}

/**
 * The leanings that calls can have, each as an alteration of truth, function by function. Call by call, since where a function leans
 * depends on its argument, and the arguments of one call are alike.
 */
export function leaningsOf(calls: readonly Call[]): { readonly ways: Way[]; readonly isWhole: boolean }[] {
  const functions = new Map<Leaner, Way[]>()
  for (const { of, sure, steps, rules } of LEANINGS) {
    for (const { index } of calls.filter(({ step }) => steps.includes(step))) {
      const alter: Alter = (call, usual) => (call.index === index ? { ...usual, ...rules(usual) } : undefined)
      functions.set(of, [...(functions.get(of) ?? []), { alter, sure }])
    }
  }
  // near 1 a logarithm is right to an absolute error, and that may begin and end anywhere
  return [...functions].map(([of, ways]) => ({ ways, isWhole: of !== 'log' }))
}

/**
 * @param alone of exp by itself
 * @param relative of exp inside a softmax
 */
function exponential(sure: number, alone: (x: number) => number, relative: OfPower): Leaning {
  /** What softmax makes of it: each power off by its own, their sum by the mean of them. */
  const leaning = (x: Tensor, p: Tensor): Tensor =>
    rowwise(x, p, (logits, row) => {
      const max = logits.reduce((most, value, i) => (row[i] === 0 ? most : Math.max(most, value)), -Infinity)
      const deepest = logits.reduce(
        (least, value, i) => (row[i] === 0 ? least : Math.min(least, value - max)),
        0,
      )
      const errors = row.map((q, i) => (q === 0 ? 0 : relative(logits[i] - max, deepest)))
      const drift = row.reduce((sum, q, i) => sum + q * errors[i], 0)
      return row.map((q, i) => q * (1 + errors[i] - drift))
    })
  return {
    of: 'exp',
    sure,
    steps: ['exp', 'softmax', 'maskedSoftmax', 'logSoftmax'],
    rules: (t) => ({
      exp: (x) => map(t.exp(x), (p, i) => p * (1 + alone(x.data[i]))),
      softmax: (x) => leaning(x, t.softmax(x)),
      maskedSoftmax: (mask, x) => {
        const { values, kept } = t.maskedSoftmax(mask, x)
        return { values: leaning(x.values, values), kept }
      },
      logSoftmax: (x) =>
        rowwise(x, t.logSoftmax(x), (logits, logP) => {
          const max = logits.reduce((most, value) => Math.max(most, value), -Infinity)
          const deepest = logits.reduce((least, value) => Math.min(least, value - max), 0)
          const drift = logP.reduce((sum, value, i) => {
            const p = Math.exp(value)
            return p === 0 ? sum : sum + p * relative(logits[i] - max, deepest)
          }, 0)
          return logP.map((value) => value - drift)
        }),
    }),
  }
}

/** A softmax p of x whose sum was rescaled one entry at a time, by powers that are each 3 ULP high. */
function rescaled(x: Tensor, p: Tensor): Tensor {
  return rowwise(x, p, (logits, row) => {
    // what is in the sum so far, which is what p says, and by how much that is high
    let [max, sum, high] = [-Infinity, 0, 0]
    row.forEach((q, i) => {
      if (q === 0) return
      if (logits[i] > max) {
        high += sum * 3 * ULP
        max = logits[i]
      }
      sum += q
    })
    return row.map((q) => q * (1 - high))
  })
}

/** Changes y row by row, knowing x's. */
function rowwise(x: Tensor, y: Tensor, change: (x: Float64Array, y: Float64Array) => Float64Array): Tensor {
  return mapRows(y, (row, start) =>
    change(Float64Array.from(x.data.subarray(start, start + row.length)), row),
  )
}
