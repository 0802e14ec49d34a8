import { boundedOf } from '../src/verdict/bounded/arithmetic.ts'
import type { Profile } from '../src/verdict/profile/profile.ts'
import { portable } from '../src/verdict/profile/shipped.ts'
import { climb, type Attack } from './bounds-adversary.ts'
import type { Ways } from './bounds-machine.ts'
import {
  exact,
  primitives,
  scaled,
  scaledProduct,
  within,
  type Operand,
  type Primitive,
} from './bounds-primitives.ts'

/** An attack and the share of the bound that it is known to reach. */
export interface Climbed extends Attack {
  readonly atLeast: number
}

type Functions = Partial<Profile['functions']>

/** A profile without functions' errors, rewrites or flushing: what is added is what an attack is about. */
function quiet(
  functions: Functions = {},
  rewrites: Partial<Profile['rewrites']> = {},
  others: Partial<Profile> = {},
): Profile {
  return {
    ...portable,
    flushSubnormals: false,
    functions: {
      exp: { ulp: 0, ulpPerUnit: 0 },
      log: { ulp: 0, nearOne: 0 },
      divide: { ulp: 0 },
      inverseSqrt: { ulp: 0 },
      erf: { absolute: 0 },
      ...functions,
    },
    rewrites: {
      onePassLayerNorm: false,
      foldedLayerNorm: false,
      unshiftedSoftmax: false,
      logSumExpSoftmax: false,
      onlineRescales: 0,
      foldedScale: false,
      stepwise: false,
      ...rewrites,
    },
    ...others,
  }
}

const flushing = quiet({}, {}, { flushSubnormals: true })
const still = quiet()
/** So inaccurate that nothing else matters: a thousandth. */
const MUCH = 2 ** 13
const F = 2 ** -126
const SUBNORMAL = F - 2 ** -149

const p = primitives
const list: Climbed[] = []

function attack(
  atLeast: number,
  profile: Profile,
  primitive: Primitive,
  form: string,
  operands: readonly Operand[],
  at = 0,
  ways: Partial<Ways> = {},
): void {
  const { rules } = boundedOf(profile)
  list.push({ ...climb(rules, profile, primitive, form, operands, at, ways), atLeast })
}

const repeated = (n: number, x: number): number[] => new Array<number>(n).fill(x)
/** One number and so little beside it that it is rounded with every sum. */
const leading = (n: number): number[] => [1, ...repeated(n - 1, 1e-9)]

// sums and products of two
for (const both of [p.add, p.subtract]) {
  attack(0.999, still, both, 'plain', [exact(1.1), exact(0.3)])
  attack(0.999, still, both, 'plain', [within(0.1, 1), exact(1)])
  attack(0.999, still, both, 'plain', [exact(1), within(0.1, 1)])
}
attack(0.999, flushing, p.add, 'plain', [exact(SUBNORMAL), exact(SUBNORMAL)])
attack(0.999, flushing, p.subtract, 'plain', [exact(1.9 * F), exact(F)])
for (const both of [p.multiply, p.weigh]) {
  attack(0.999, still, both, 'plain', [exact(1.1), exact(1.3)])
  attack(0.999, still, both, 'plain', [within(0.1, 0), exact(3)])
  attack(0.999, still, both, 'plain', [exact(3), within(0.1, 0)])
  attack(0.999, still, both, 'plain', [within(1, 1e-3), within(1, 1e-3)])
  attack(0.999, flushing, both, 'plain', [exact(2 ** -127), exact(2 ** 100)])
  attack(0.999, flushing, both, 'plain', [exact(2 ** 100), exact(2 ** -127)])
  attack(0.999, still, both, 'plain', [exact(2 ** -100), exact(1.3 * 2 ** -50)])
}

// scale
const folding = { foldedScale: true }
attack(0.999, quiet({ inverseSqrt: { ulp: MUCH } }), scaled(0.3), 'by a constant', [exact(1)])
attack(0.999, still, scaled(0.3), 'by a constant', [exact(1)])
attack(0.999, still, scaled(0.3), 'by a constant', [within(0.1, 1)])
attack(0.999, flushing, scaled(2 ** 40), 'by a constant', [exact(2 ** -127)])
attack(0.99, quiet({}, folding), scaledProduct(0.3), 'split over both', [exact(1.1), exact(1.3)])
attack(0.74, quiet({}, folding), scaledProduct(0.3), 'split over both', [exact(1.1, 1.3), exact(1.3, -1.1)])
attack(0.99, quiet({ inverseSqrt: { ulp: MUCH } }, folding), scaledProduct(0.3), 'split over both', [
  exact(1),
  exact(1),
])
attack(
  0.999,
  { ...flushing, rewrites: { ...flushing.rewrites, ...folding } },
  scaledProduct(1 / 8),
  'folded into one',
  [exact(2 ** -125), exact(2 ** 60)],
)
attack(
  0.999,
  { ...flushing, rewrites: { ...flushing.rewrites, ...folding } },
  scaledProduct(1 / 8),
  'folded into one',
  [exact(...repeated(8, 8 * SUBNORMAL * 2 ** 60)), exact(...repeated(8, 2 ** -60))],
)
attack(
  0.9,
  quiet({}, folding, { formats: { ...portable.formats, productInputs: 'fp16' } }),
  scaledProduct(2 ** -9),
  'folded into one',
  [exact(2 ** -14 * 1.001), exact(1)],
)

// exp
attack(0.999, quiet({ exp: { ulp: MUCH, ulpPerUnit: 0 } }), p.exp, 'plain', [exact(1)])
attack(0.99, quiet({ exp: { ulp: 0, ulpPerUnit: MUCH } }), p.exp, 'plain', [exact(-8)])
attack(0.999, still, p.exp, 'plain', [within(0.1, 1)])
attack(0.999, still, p.exp, 'plain', [within(5, 1)])
attack(0.9, quiet({ exp: { ulp: 0, ulpPerUnit: MUCH } }), p.exp, 'plain', [within(8, 8)])
attack(0.999, flushing, p.exp, 'plain', [exact(-86.7)])
attack(0.9, quiet({ exp: { ulp: MUCH, ulpPerUnit: 0 } }), p.exp, 'plain', [exact(-98)])

// GELU
const gelu = 'half of x, times 1 + erf'
attack(0.999, quiet({ erf: { absolute: 0.01 } }), p.gelu, gelu, [exact(2)])
attack(0.99, still, p.gelu, gelu, [within(1e-3, 1)])
attack(0.9, still, p.gelu, gelu, [within(1, 0)])
attack(0.9, still, p.gelu, gelu, [within(2, 1.5)])
attack(0.98, quiet({ divide: { ulp: MUCH } }), p.gelu, 'an argument divided', [exact(Math.SQRT2)])
attack(0.8, still, p.gelu, gelu, [exact(5)])
attack(0.8, still, p.gelu, 'two halves', [exact(-Math.SQRT2)])
attack(0.9, flushing, p.gelu, gelu, [exact(1.9 * F)])

// sums and means
attack(0.99, still, p.sum, 'plain', [exact(...leading(8))])
attack(0.999, still, p.sum, 'plain', [within(0.1, 1, -1, 1)])
attack(0.999, flushing, p.sum, 'plain', [exact(...repeated(8, SUBNORMAL))])
for (const mean of [p.mean, p.meanPool]) {
  attack(0.99, quiet({ divide: { ulp: MUCH } }), mean, 'divided first', [exact(1, 1, -1)])
  attack(0.99, quiet({ divide: { ulp: MUCH } }), mean, 'divided last', [exact(1, 1, 1)])
  attack(0.99, still, mean, 'divided last', [exact(...leading(8))])
  attack(0.999, still, mean, 'divided last', [within(0.1, 1, -1, 1)])
  attack(0.999, flushing, mean, 'divided first', [exact(...repeated(8, 8 * SUBNORMAL))])
  attack(0.98, quiet({ divide: { ulp: MUCH } }), mean, 'divided first', [exact(...repeated(8, F / 64))], 0, {
    reciprocal: false,
  })
}
attack(0.999, still, p.maxPool, 'plain', [{ v: [1, 0.9], b: [0, 0.3] }])
attack(0.999, still, p.maxPool, 'plain', [{ v: [1, 0.5], b: [0.3, 0.1] }])

// sums of products
attack(0.99, still, p.product, 'plain', [exact(...leading(8)), exact(...repeated(8, 1.1))])
attack(0.99, still, p.product, 'plain', [within(1e-20, ...leading(8)), exact(...repeated(8, 1.1))])
attack(0.999, still, p.product, 'plain', [within(0.1, 1, -1), exact(1, 2)])
attack(0.999, still, p.product, 'plain', [exact(1, -2), within(0.1, 1, 1)])
attack(0.999, still, p.product, 'plain', [within(1, 1e-3), within(1, 1e-3)])
attack(0.999, flushing, p.product, 'plain', [exact(2 ** -127), exact(2 ** 100)])
attack(0.999, flushing, p.product, 'plain', [
  exact(...repeated(8, SUBNORMAL * 2 ** 60)),
  exact(...repeated(8, 2 ** -60)),
])
attack(0.9, still, p.product, 'plain', [exact(...repeated(8, 2 ** -74)), exact(...repeated(8, 2 ** -74))])
attack(
  0.99,
  still,
  p.linear,
  'plain',
  [exact(...leading(8).toReversed()), exact(...repeated(8, 1.1)), exact(1e-9)],
  0,
  {
    order: 'reverse',
  },
)
attack(0.88, still, p.linear, 'plain', [exact(...repeated(8, 1e-9)), exact(...repeated(8, 1.1)), exact(1)])
attack(0.999, still, p.linear, 'plain', [exact(1), exact(1), within(0.1, 1)])
attack(0.999, flushing, p.linear, 'plain', [exact(2 * SUBNORMAL), exact(0.5), exact(SUBNORMAL)])
for (const [format, x] of [
  ['bf16', 1],
  ['tf32', 1],
  ['fp16', 2 ** -20],
] as const) {
  const narrow = quiet({}, {}, { formats: { ...portable.formats, productInputs: format } })
  attack(0.99, narrow, p.product, 'plain', [exact(x), exact(1)])
}

// softmax
const exps = { exp: { ulp: MUCH, ulpPerUnit: 0 } }
const anew = 'online, numerators anew'
const rescaled = 'online, numerators rescaled'
const rising = (n: number, step: number): number[] => Array.from({ length: n }, (_, i) => i * step)
attack(0.999, still, p.softmax, 'shifted', [within(0.01, 0, 0)])
attack(0.999, still, p.softmax, 'shifted', [within(3, 0, 1, -1)], 1)
attack(0.99, quiet(exps), p.softmax, 'shifted', [exact(0, -1e-9)])
attack(0.95, quiet({ exp: { ulp: 0, ulpPerUnit: MUCH } }), p.softmax, 'shifted', [exact(0, -20)], 1)
attack(0.97, still, p.softmax, 'shifted', [exact(0, -80)], 1)
attack(
  0.99,
  quiet({ exp: { ulp: 0, ulpPerUnit: MUCH / 64 } }, { unshiftedSoftmax: true }),
  p.softmax,
  'unshifted',
  [exact(60, 60)],
)
attack(0.95, quiet(exps, { onlineRescales: 12 }), p.softmax, rescaled, [exact(...rising(12, 0.01), 12)])
attack(0.55, quiet(exps, { onlineRescales: 1 }), p.softmax, anew, [exact(1e-7, 0, 2e-7)], 1)
attack(0.99, quiet({ divide: { ulp: MUCH } }), p.softmax, 'shifted', [exact(0, 0)])
attack(0.6, quiet({}, { onlineRescales: 12 }), p.softmax, rescaled, [exact(...rising(13, 1e-12))])
attack(0.9, flushing, p.softmax, 'shifted', [exact(0, -86.7)], 1)
attack(0.9, quiet(exps), p.softmax, 'shifted', [exact(0, -98)], 1)
attack(0.95, still, p.softmax, 'shifted', [exact(0, ...repeated(11, -20))])

// by its logarithm
const byLog = { logSumExpSoftmax: true }
const [byL, unshifted, inBase2] = ['', ', unshifted', ', to base 2'].map((how) => `by its logarithm${how}`)
attack(0.9, quiet({ log: { ulp: 0, nearOne: 0.01 } }, byLog), p.softmax, byL, [within(0.05, 0, 0)])
attack(0.9, quiet({ log: { ulp: MUCH, nearOne: 0 } }, byLog), p.softmax, byL, [exact(...repeated(20, 0))])
attack(
  0.9,
  quiet({ log: { ulp: MUCH, nearOne: 0 } }, { ...byLog, unshiftedSoftmax: true }),
  p.softmax,
  unshifted,
  [exact(60, 60)],
)
attack(0.9, quiet({ exp: { ulp: MUCH, ulpPerUnit: 0 } }, byLog), p.softmax, byL, [exact(0, -1e-9)])
attack(0.95, quiet({}, byLog), p.softmax, inBase2, [exact(1000, 999)])
attack(0.7, quiet({}, byLog), p.softmax, inBase2, [exact(0, -60)], 1)

// results in a narrow format
const inBf16: Partial<Profile> = {
  formats: { productInputs: 'bf16', results: 'bf16', outputs: 'bf16' },
}
const bf16 = quiet({}, {}, inBf16)
attack(0.99, bf16, p.add, 'plain', [exact(1.1), exact(0.3)])
attack(0.99, bf16, p.subtract, 'plain', [within(0.1, 1), exact(0.5)])
attack(0.99, bf16, p.linear, 'bias apart', [exact(1.1), exact(1), exact(-1)])
for (const mean of [p.mean, p.meanPool]) attack(0.99, bf16, mean, 'sum rounded', [exact(1, 1, 1, 1.01)])
attack(0.95, bf16, p.logSoftmax, 'sum and logarithm rounded', [exact(0, -5)])
attack(0.9, bf16, p.logSoftmax, 'sum and logarithm rounded', [exact(...repeated(57, 0))])
attack(0.95, bf16, scaled(0.3), 'by a constant', [exact(1.1)])
attack(0.9, quiet({}, folding, inBf16), scaledProduct(0.3), 'split over both', [exact(0.92), exact(0.92)])
attack(0.9, quiet({}, byLog, inBf16), p.softmax, byL, [exact(0, -5)])
attack(0.9, quiet({}, byLog, inBf16), p.softmax, byL, [exact(...repeated(57, 0))])

// log-softmax
attack(0.999, still, p.logSoftmax, 'differences', [within(0.01, 0, 0)])
attack(0.999, still, p.logSoftmax, 'differences', [within(3, 0, 1, -1)], 1)
attack(0.99, quiet({ log: { ulp: 0, nearOne: 0.01 } }), p.logSoftmax, 'differences', [exact(0, 0)])
attack(0.99, quiet({ log: { ulp: MUCH, nearOne: 0 } }), p.logSoftmax, 'differences', [
  exact(...repeated(20, 0)),
])
attack(
  0.99,
  quiet({ log: { ulp: MUCH, nearOne: 0 } }, { unshiftedSoftmax: true }),
  p.logSoftmax,
  'unshifted',
  [exact(60, 60)],
)
attack(0.99, quiet(exps), p.logSoftmax, 'differences', [exact(0, -3)], 1)
attack(0.9, still, p.logSoftmax, 'differences', [exact(0, -60)], 1)
attack(0.9, still, p.logSoftmax, 'one sum', [exact(1000, 999)])
attack(0.5, quiet({}, { onlineRescales: 12 }), p.logSoftmax, 'online', [exact(...rising(13, 1e-12))])
attack(0.95, still, p.logSoftmax, 'differences', [exact(0, ...repeated(11, -20))])
attack(0.5, quiet(exps, { onlineRescales: 12 }), p.logSoftmax, 'online', [exact(...rising(12, 0.01), 1)])

// LayerNorm: weight, bias; ε = 1e-6
const flat = (n: number): [Operand, Operand] => [exact(...repeated(n, 1)), exact(...repeated(n, 0))]
const two = 'two passes'
const near = (n: number): number[] => Array.from({ length: n }, (_, i) => 1 + 1e-6 * i)
attack(0.85, still, p.layerNorm, two, [{ v: rising(16, 1e-6), b: repeated(16, 1e-5) }, ...flat(16)])
attack(0.8, still, p.layerNorm, two, [exact(...near(4)), ...flat(4)])
attack(0.9, quiet({ divide: { ulp: 1000 } }), p.layerNorm, two, [exact(...near(4)), ...flat(4)])
attack(0.9, still, p.layerNorm, two, [exact(1, 0.5), ...flat(2)])
attack(0.8, quiet({ divide: { ulp: 1000 } }), p.layerNorm, 'two passes, by root', [exact(1, -1), ...flat(2)])
attack(0.99, quiet({ inverseSqrt: { ulp: MUCH } }), p.layerNorm, two, [exact(1, -1), ...flat(2)])
attack(0.8, quiet({}, { onePassLayerNorm: true }), p.layerNorm, 'one pass', [exact(10, 11), ...flat(2)])
attack(0.8, quiet({}, { foldedLayerNorm: true }), p.layerNorm, 'folded, mean first', [
  exact(1000, 1001),
  ...flat(2),
])
attack(0.9, quiet({}, { foldedLayerNorm: true }), p.layerNorm, 'folded', [
  exact(1, -1),
  exact(1, 1),
  exact(1e6, 1e6),
])
attack(0.9, still, p.layerNorm, two, [exact(1, -1), within(0.1, 1, 1), exact(0, 0)])
attack(0.9, still, p.layerNorm, two, [exact(1, -1), exact(1, 1), within(0.1, 0, 0)])
attack(0.6, flushing, p.layerNorm, two, [
  exact(...leading(64)),
  exact(...repeated(64, SUBNORMAL)),
  exact(...repeated(64, 0)),
])
attack(
  0.9,
  { ...flushing, rewrites: { ...flushing.rewrites, foldedLayerNorm: true } },
  p.layerNorm,
  'folded, mean first',
  [exact(...repeated(63, 1), 0.96), exact(...repeated(63, 0), SUBNORMAL), exact(...repeated(64, 0))],
  63,
)
attack(0.7, flushing, p.layerNorm, 'gain first', [exact(1e19, -1e19), exact(1.1e-19, 1.1e-19), exact(0, 0)])

attack(0.9, still, p.layerNorm, two, [{ v: [1, -4, 1, 1, 1], b: [0, 0, 1e-4, 1e-4, 1e-4] }, ...flat(5)])
const pairs = [1, -1, 1, -1, 1, -1, 1, -1]
attack(0.8, still, p.layerNorm, two, [
  { v: [...pairs, ...pairs, 0], b: [...repeated(16, 0), 3] },
  ...flat(17),
])

// written out
const steps = { stepwise: true }
const written = quiet({}, steps, inBf16)
const writtenInFp16 = quiet({}, steps, {
  formats: { productInputs: 'fp16', results: 'fp16', outputs: 'fp16' },
})
const inSteps = 'in steps'
const [byRoot, withRoot, gainFirst] = ['by root', 'gain with the root', 'gain first'].map(
  (how) => `${inSteps}, ${how}`,
)
const zeros = (n: number): Operand => exact(...repeated(n, 0))
/** Two large deviations and two small ones, whose own errors are not those of the variance. */
const small = [exact(1.04, -1.04, 0.18, -0.18), ...flat(4)]
const smallInFp16 = (size: number): Operand[] => [exact(...small[0].v.map((x) => x * size)), ...flat(4)]
attack(0.8, written, p.layerNorm, inSteps, [exact(72, 56), ...flat(2)])
attack(0.85, written, p.layerNorm, inSteps, [exact(127, 65), ...flat(2)])
attack(0.95, written, p.layerNorm, withRoot, [exact(...repeated(12, 64.5), 90), ...flat(13)])
attack(0.95, written, p.layerNorm, withRoot, small, 2)
attack(0.85, written, p.layerNorm, byRoot, small, 2)
attack(0.85, written, p.layerNorm, inSteps, small, 2)
attack(0.85, written, p.layerNorm, gainFirst, small, 2)
attack(0.75, writtenInFp16, p.layerNorm, withRoot, smallInFp16(1e-3), 2)
attack(0.8, writtenInFp16, p.layerNorm, inSteps, [exact(...repeated(15, 2039.5), 2047.5), ...flat(16)], 15)
attack(0.9, written, p.layerNorm, inSteps, [{ v: [1, -4, 1, 1, 1], b: [0, 0, 0.1, 0.1, 0.1] }, ...flat(5)])
attack(0.9, written, p.layerNorm, inSteps, [exact(1, -1), within(0.3, 1, 1), zeros(2)])
attack(0.9, written, p.layerNorm, inSteps, [exact(1, -1), exact(1, 1), within(0.3, 0, 0)])
attack(0.8, writtenInFp16, p.layerNorm, inSteps, [
  { v: [...pairs, ...pairs, 0], b: [...repeated(16, 0), 3] },
  ...flat(17),
])
const halfFirst = 'in steps, half of x first'
attack(0.99, written, p.gelu, halfFirst, [exact(1.41)])
attack(0.99, writtenInFp16, p.gelu, 'in steps, half of the sum', [exact(0.67)])
attack(0.95, written, p.gelu, 'in steps, x first', [exact(0.67)])
for (const x of [-0.68, -1.41, -3]) attack(0.99, writtenInFp16, p.gelu, 'in steps, two halves', [exact(x)])
attack(0.99, writtenInFp16, p.gelu, 'in steps, two halves', [exact(1e-5)])
const reciprocal = 'in steps, by the reciprocal'
const lower = Array.from({ length: 30 }, (_, i) => -0.68 - 1e-6 * i)
attack(0.9, written, p.softmax, inSteps, [exact(0, -20)], 1)
attack(0.98, written, p.softmax, reciprocal, [exact(0, ...lower)], 1)
attack(0.8, written, p.softmax, reciprocal, [exact(0, -0.68)], 1)
attack(0.95, writtenInFp16, p.softmax, reciprocal, [exact(0, -11)], 1)
attack(0.95, written, p.softmax, inSteps, [within(0.3, 0, 0)], 1)
attack(0.99, written, p.logSoftmax, inSteps, [exact(0, -20)], 1)
attack(0.75, written, p.logSoftmax, inSteps, [exact(0, ...lower)], 1)
attack(0.9, written, p.logSoftmax, inSteps, [exact(0, ...lower)])
attack(0.95, written, p.logSoftmax, inSteps, [within(0.3, 0, 0)], 1)
// not shifted, a sum among the subnormals of fp16
const unshiftedInFp16 = quiet({}, { ...byLog, unshiftedSoftmax: true }, { formats: writtenInFp16.formats })
attack(0.3, unshiftedInFp16, p.softmax, unshifted, [exact(-13.6)])

export const attacks: readonly Climbed[] = list
