import { float32Dense } from '../../../reference/float32/index.ts'
import { simulated } from '../../arithmetics/simulated/index.ts'
import type { Runtime } from '../play.ts'
import { runtime } from './arithmetic.ts'
import { plain, type Choices } from './choices.ts'
import { designs, type LegalDesign } from './designs.ts'
import {
  erfByPolynomial,
  expAllowance,
  expByPowersOfTwo,
  normalByErfc,
  off,
  scatter,
  ulp,
} from './functions.ts'
import {
  blocked,
  compensated,
  fused,
  lanes,
  pairwise,
  reversed,
  separate,
  sequential,
  split,
  type Dot,
} from './sums.ts'

/** An honest float32 runtime: legal under the profile `portable`, whatever it does in detail. */
export interface Variant {
  readonly id: string
  readonly about: string
  /** Why the judge is left to call it wrong all the same: counted apart. */
  readonly disputed?: string
  runtime(): Runtime
}

const f = Math.fround
const step = separate(f)

function variant(id: string, about: string, choices: Partial<Choices>): Variant {
  return { id, about, runtime: () => runtime(id, { ...plain, ...choices }) }
}

const summing = (id: string, about: string, dot: Dot): Variant => variant(id, about, { dot })

function designed({ design, ...rest }: LegalDesign): Variant {
  return { ...rest, runtime: () => simulated(design) }
}

/** exp off by `share` of what WGSL allows at x. */
const expOff =
  (share: (x: number) => number) =>
  (x: number): number =>
    Math.max(0, off(Math.exp(x), share(x) * expAllowance(x)))

const logNear = (x: number, share: number): number =>
  // on [½, 2] WGSL allows log an absolute 2⁻²¹, of which the rounding takes its part; elsewhere 3 ULP
  x >= 0.5 && x <= 2
    ? f(Math.log(x) + share * (2 ** -21 - ulp(Math.log(x) === 0 ? 2 ** -126 : Math.log(x))))
    : off(Math.log(x), 3 * share)

/** Every honest runtime, the plain one first: it is also the "plain float32" that others compare with. */
export const variants: readonly Variant[] = [
  variant('sequential', 'every sum in order, every step rounded', {}),
  {
    id: 'reference',
    about: 'the reference: sums and functions in float64, one rounding per primitive',
    runtime: float32Dense,
  },
  summing('reversed', 'sums from the last term to the first', reversed(step)),
  summing('pairwise', 'sums by halves', pairwise(f)),
  ...[4, 8, 16, 32, 64].map((k) => summing(`blocked-${k}`, `sums in blocks of ${k}`, blocked(k, step, f))),
  ...[2, 4, 8].map((parts) =>
    summing(
      `split-k-${parts}`,
      `the inner axis in ${parts} stretches, added in a tree`,
      split(parts, step, f),
    ),
  ),
  ...[4, 8].map((count) =>
    summing(`lanes-${count}`, `${count} lanes, added in a tree`, lanes(count, step, f)),
  ),
  summing('fma', 'fused multiply-adds in order', sequential(fused)),
  summing('fma-lanes-8', 'fused multiply-adds in eight lanes', lanes(8, fused, f)),
  summing('fma-blocked-16', 'fused multiply-adds in blocks of 16', blocked(16, fused, f)),
  summing('compensated', 'Kahan’s sums', compensated(f)),
  variant('online-1', 'softmax online, key by key', { softmax: { online: 1, deferred: false } }),
  variant('online-4', 'softmax online, four keys at a time', { softmax: { online: 4, deferred: false } }),
  variant('online-16', 'softmax online, sixteen keys at a time', {
    softmax: { online: 16, deferred: false },
  }),
  variant('flash-4', 'softmax online, divided by its sum after the values, fused sums', {
    softmax: { online: 4, deferred: true },
    dot: sequential(fused),
  }),
  variant('shiftless', 'softmax without taking the maximum off, where nothing can overflow', {
    softmax: 'shiftless',
  }),
  variant('scaled-queries', 'the scale of the logits multiplied into the queries', { scale: 'queries' }),
  variant('scaled-keys', 'the scale of the logits multiplied into the keys', { scale: 'keys' }),
  variant('scaled-both', 'd^(−1/4) on queries and keys', { scale: 'both' }),
  variant('one-pass-variance', 'E[x²] − μ² where the mean is moderate', { variance: 'one-pass' }),
  variant('welford', 'Welford’s running mean and variance', { variance: 'welford' }),
  variant('rsqrt-low', 'rsqrt 2 ULP low', { inverseSqrt: (x) => off(1 / Math.sqrt(x), -2) }),
  variant('rsqrt-high', 'rsqrt 2 ULP high', { inverseSqrt: (x) => off(1 / Math.sqrt(x), 2) }),
  variant('divide-scattered', 'divisions up to 2.5 ULP off', {
    divide: (x, y) => off(x / y, 2.5 * scatter(f(x / y))),
  }),
  variant('reciprocal', 'one reciprocal and products in place of divisions', { reciprocal: true }),
  variant('exp-high', 'exp high by all that WGSL allows', { exp: expOff(() => 1) }),
  variant('exp-low', 'exp low by all that WGSL allows', { exp: expOff(() => -1) }),
  variant('exp-alternating', 'exp high and low by turns, by all that WGSL allows', {
    exp: expOff((x) => (scatter(x) < 0 ? -1 : 1)),
  }),
  variant('exp-scattered', 'exp off by anything that WGSL allows', { exp: expOff(scatter) }),
  variant('exp2', 'exp as a power of two of x·log₂e', { exp: expByPowersOfTwo }),
  variant('log-high', 'log high by all that WGSL allows', { log: (x) => logNear(x, 1) }),
  variant('log-scattered', 'log off by anything that WGSL allows', { log: (x) => logNear(x, scatter(x)) }),
  variant('log-sum-exp', 'z − (max + log Σ)', { logSumExp: true }),
  variant('erf-polynomial', 'erf by Abramowitz and Stegun 7.1.26 in float32', {
    erf: (x) => erfByPolynomial(x, plain.exp),
  }),
  variant('erf-scattered', 'erf off by up to 2⁻²¹', {
    erf: (x) => f(plain.erf(x) + scatter(x) * (2 ** -21 - 2 ** -24)),
  }),
  variant('normal-by-erfc', 'Φ(x) = erfc(−x/√2)/2', { normal: normalByErfc }),
  variant('bias-first', 'every sum begins with its bias', { bias: 'first' }),
  variant('channels-last', 'convolutions sum over channels innermost', { channelsLast: true }),
  variant('flush', 'subnormals flushed to zero', {
    flush: true,
    round: (x) => (Math.abs(f(x)) < 2 ** -126 ? 0 : f(x)),
  }),
  variant('gpu', 'fused sums in blocks of 32, online softmax, exp2, one-pass variance, erf by polynomial', {
    dot: blocked(32, fused, f),
    softmax: { online: 16, deferred: true },
    exp: expByPowersOfTwo,
    variance: 'one-pass',
    erf: (x) => erfByPolynomial(x, expByPowersOfTwo),
    reciprocal: true,
    scale: 'queries',
    bias: 'first',
  }),
  variant('vector-unit', 'eight fused lanes, Welford, rsqrt and division at the edge of what is allowed', {
    dot: lanes(8, fused, f),
    variance: 'welford',
    inverseSqrt: (x) => off(1 / Math.sqrt(x), 2 * scatter(x)),
    divide: (x, y) => off(x / y, 2.5 * scatter(f(x / y))),
    exp: expOff(scatter),
  }),
  ...designs.map(designed),
  {
    ...variant('divide-high', 'divisions 2.5 ULP high', { divide: (x, y) => off(x / y, 2.5) }),
    disputed:
      'divisions that are high at every argument, which no machine is known to have, lean as some named bugs do; looked for only with `--directions always`',
  },
]

/** Those whose red verdicts are false alarms. */
export const undisputed: readonly Variant[] = variants.filter(({ disputed }) => disputed === undefined)
