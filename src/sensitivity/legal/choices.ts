import { erf } from './functions.ts'
import { separate, sequential, type Dot, type Round } from './sums.ts'

/** What the profile `portable` leaves to a runtime, and what a mutant may get wrong. */
export interface Choices {
  readonly dot: Dot
  /** How every stored number is rounded. */
  readonly round: Round
  readonly exp: (x: number) => number
  readonly log: (x: number) => number
  readonly divide: (x: number, y: number) => number
  readonly inverseSqrt: (x: number) => number
  readonly erf: (x: number) => number
  /** Φ(x) in place of (1 + erf(x/√2))/2, if a runtime computes that. */
  readonly normal?: (x: number) => number
  readonly variance: 'two-pass' | 'one-pass' | 'welford'
  /** `online`: blocks of keys, the maximum so far, rescaled when it grows. `deferred`: the same, divided after the values. */
  readonly softmax: 'shifted' | 'shiftless' | { readonly online: number; readonly deferred: boolean }
  /** 1/Σ once and a product each, in place of a division each. */
  readonly reciprocal: boolean
  /** Where a bias enters: as the first term of the sum, or added at the end. */
  readonly bias: 'first' | 'last'
  /** Where the scale of the logits goes: onto them, onto the queries, onto the keys, or its root onto both. */
  readonly scale: 'logits' | 'queries' | 'keys' | 'both'
  /** z − (max + log Σ) in place of (z − max) − log Σ. */
  readonly logSumExp: boolean
  /** The taps of a convolution by place first and channel second. */
  readonly channelsLast: boolean
  /** Subnormals flushed, in what comes in and in what is stored. */
  readonly flush: boolean
}

const f = Math.fround

/** A library's functions, everything the plain way. */
export const plain: Choices = {
  dot: sequential(separate(f)),
  round: f,
  exp: (x) => f(Math.exp(x)),
  log: (x) => f(Math.log(x)),
  divide: (x, y) => f(x / y),
  inverseSqrt: (x) => f(1 / f(Math.sqrt(x))),
  erf,
  variance: 'two-pass',
  softmax: 'shifted',
  reciprocal: false,
  bias: 'last',
  scale: 'logits',
  logSumExp: false,
  channelsLast: false,
  flush: false,
}
