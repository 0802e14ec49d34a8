import type { Arithmetic } from '../reference/arithmetic.ts'
import { tensor } from '../reference/tensor.ts'
import type { Bounded, BoundedKinds } from '../src/verdict/bounded/bounded.ts'
import type { Machine } from './bounds-machine.ts'

export type BoundedRules = Arithmetic<BoundedKinds>

/** Numbers v of which a machine holds anything within b. */
export interface Operand {
  readonly v: readonly number[]
  readonly b: readonly number[]
}

/** A primitive: what the bounded arithmetic says of it, and the forms in which a machine computes it. */
export interface Primitive {
  readonly name: string
  bounded(rules: BoundedRules, operands: readonly Operand[]): Bounded
  /** Whether it only chooses among its operands: nothing is rounded. */
  readonly chooses?: boolean
  readonly forms: Readonly<Record<string, (m: Machine, operands: readonly (readonly number[])[]) => number[]>>
}

export function exact(...v: readonly number[]): Operand {
  return { v, b: v.map(() => 0) }
}

export function within(bound: number, ...v: readonly number[]): Operand {
  return { v, b: v.map(() => bound) }
}

function row({ v, b }: Operand, shape: readonly number[] = [1, v.length]): Bounded {
  const make = (values: readonly number[]): Bounded['v'] => tensor(Float64Array.from(values), shape)
  return { v: make(v), b: make(b), s2: make(v.map(() => 0)) }
}

const each =
  (operation: (m: Machine, ...values: number[]) => number) =>
  (m: Machine, operands: readonly (readonly number[])[]): number[] =>
    operands[0].map((_, i) => operation(m, ...operands.map((operand) => operand[i])))

const all =
  (operation: (m: Machine, ...operands: (readonly number[])[]) => number) =>
  (m: Machine, operands: readonly (readonly number[])[]): number[] => [operation(m, ...operands)]

const SQRT_HALF = Math.SQRT1_2

const gelu = (argument: (m: Machine, x: number) => number, apart: boolean) =>
  each((m, x) => {
    const erf = m.erf(argument(m, x))
    const half = m.half(x)
    return apart ? m.add(half, m.multiply(half, erf)) : m.multiply(half, m.add(1, erf))
  })

/** The argument, erf, 1 + erf, and two products, each step stored. */
const geluInSteps = (
  argument: (m: Machine, x: number) => number,
  last: (m: Machine, x: number, erf: number) => number,
) => each((m, x) => last(m, x, m.step(m.erf(m.step(argument(m, x))))))

const byRootHalf = (m: Machine, x: number): number => m.multiply(x, m.stepConstant(SQRT_HALF))
const onePlus = (m: Machine, erf: number): number => m.step(m.add(1, erf))

/** What a machine finds: every result in the format that its profile has for them. */
export function foundBy(
  primitive: Primitive,
  form: string,
  m: Machine,
  operands: readonly (readonly number[])[],
): number[] {
  const results = primitive.forms[form](m, operands)
  return primitive.chooses === true ? results : results.map((x) => m.result(x))
}

/** The same of the same, as of any function. */
function remembered(compute: (x: number, y: number) => number): (x: number, y: number) => number {
  const known = new Map<string, number>()
  return (x, y) => {
    const key = `${x},${y}`
    const result = known.get(key) ?? compute(x, y)
    known.set(key, result)
    return result
  }
}

interface Online {
  readonly max: number
  readonly sum: number
  /** The exponentials as the sum has them: rescaled. */
  readonly numerators: readonly number[]
}

function online(m: Machine, z: readonly number[], power: (x: number, max: number) => number): Online {
  let [max, sum, rescales] = [z[0], 0, 0]
  let numerators: number[] = []
  for (const value of z) {
    const before = max
    max = Math.max(max, value)
    const e = power(value, max)
    if (max > before) {
      rescales++
      const factor = power(before, max)
      sum = m.multiply(sum, factor)
      numerators = numerators.map((numerator) => m.multiply(numerator, factor))
    }
    numerators.push(e)
    sum = numerators.length === 1 ? e : m.add(sum, e)
  }
  if (rescales > m.profile.rewrites.onlineRescales) throw new RangeError('too many rescales')
  return { max, sum, numerators }
}

const shiftedPower = (m: Machine): ((x: number, max: number) => number) =>
  remembered((x, max) => m.exp(m.subtract(x, max)))
const largest = (z: readonly number[]): number => z.reduce((most, value) => Math.max(most, value))

const logOf = (
  m: Machine,
  z: readonly number[],
  max: number,
  sum: number,
  shape: 'differences' | 'one sum',
): number[] => {
  const log = m.log(sum)
  const both = m.add(max, log)
  return z.map((value) =>
    shape === 'one sum' ? m.subtract(value, both) : m.subtract(m.subtract(value, max), log),
  )
}

/** x − max, e^x and Σe^x, each step stored. */
function powersInSteps(
  m: Machine,
  z: readonly number[],
): { readonly differences: readonly number[]; readonly powers: readonly number[]; readonly sum: number } {
  const power = remembered((x) => m.step(m.exp(x)))
  const difference = remembered((x, max) => m.step(m.subtract(x, max)))
  const differences = z.map((value) => difference(value, largest(z)))
  const powers = differences.map((x) => power(x, 0))
  return { differences, powers, sum: m.step(m.sum(powers)) }
}

/** max + log Σe^(z − max). */
function logSumExp(m: Machine, z: readonly number[]): number {
  const power = shiftedPower(m)
  const sum = m.result(m.sum(z.map((value) => power(value, largest(z)))))
  return m.result(m.add(largest(z), m.result(m.log(sum))))
}

const EPS = 1e-6

interface Normalised {
  readonly onePass?: boolean
  readonly byRoot?: boolean
  readonly dividedFirst?: boolean
  readonly map?: 'gain first' | 'folded' | 'folded, mean first' | 'normed parts'
}

/** LayerNorm of x, with weight and bias. */
const layerNorm =
  ({ onePass = false, byRoot = false, dividedFirst = false, map }: Normalised) =>
  (m: Machine, [x, weight, bias]: readonly (readonly number[])[]): number[] => {
    const mean = m.mean(x, dividedFirst)
    const centred = x.map((value) => m.subtract(value, mean))
    const square = (values: readonly number[]): number => m.divide(m.squares(values), values.length)
    const variance = onePass ? Math.max(0, m.subtract(square(x), m.multiply(mean, mean))) : square(centred)
    const r = m.inverseSqrt(m.add(variance, m.literal(EPS)), byRoot)
    return x.map((value, c) => {
      const [g, beta] = [weight[c], bias[c]]
      if (map === undefined) return m.add(m.multiply(m.multiply(centred[c], r), g), beta)
      if (map === 'gain first') return m.add(m.multiply(centred[c], m.multiply(r, g)), beta)
      if (map === 'normed parts') {
        return m.add(m.multiply(m.subtract(m.multiply(value, r), m.multiply(mean, r)), g), beta)
      }
      const gain = m.multiply(r, g)
      const offset = map === 'folded' ? m.multiply(mean, gain) : m.multiply(m.multiply(mean, r), g)
      return m.add(m.multiply(value, gain), m.subtract(beta, offset))
    })
  }

interface Stepped {
  readonly mean: 'divided' | 'times 1/n'
  readonly root: 'inverse' | 'reciprocal' | 'divided by'
  readonly gain: 'last' | 'with the root' | 'first'
}

/** The same, every step stored. */
const layerNormInSteps =
  ({ mean: how, root: by, gain }: Stepped) =>
  (m: Machine, [x, weight, bias]: readonly (readonly number[])[]): number[] => {
    const n = x.length
    const meanOf = (sum: number): number => {
      const stored = m.step(sum)
      return m.step(
        how === 'divided' ? m.divide(stored, m.stepConstant(n)) : m.multiply(stored, m.stepConstant(1 / n)),
      )
    }
    const mean = meanOf(m.sum(x))
    const centred = x.map((value) => m.step(m.subtract(value, mean)))
    const variance = meanOf(m.sum(centred.map((d) => m.step(m.multiply(d, d)))))
    const t = m.step(m.add(variance, m.stepConstant(EPS)))
    const inverse = m.inverseSqrt(t, false)
    const root = by === 'inverse' ? 1 : m.step(m.divide(1, inverse))
    const r = m.step(by === 'inverse' ? inverse : m.divide(1, root))
    const byRoot = (y: number): number => m.step(by === 'divided by' ? m.divide(y, root) : m.multiply(y, r))
    return x.map((_, c) => {
      const [d, g] = [centred[c], weight[c]]
      if (gain === 'last') return m.add(m.step(m.multiply(byRoot(d), g)), bias[c])
      if (gain === 'first') return m.add(byRoot(m.step(m.multiply(d, g))), bias[c])
      return m.add(m.step(m.multiply(d, byRoot(g))), bias[c])
    })
  }

const onProducts: Primitive['forms'] = {
  plain: (m, [x, y]) => [m.dot(x, y)],
}

/** x·y scaled by `factor`. */
export function scaledProduct(factor: number): Primitive {
  return {
    name: 'scaled product',
    bounded: (rules, [x, y]) => rules.scale(rules.matmulTransposed(row(x), row(y)), factor),
    forms: {
      plain: (m, [x, y]) => [m.multiply(m.result(m.dot(x, y)), m.constant(factor))],
      'folded into one': (m, [x, y]) => {
        const k = m.constant(factor)
        return [
          m.dot(
            x.map((value) => m.result(m.multiply(value, k))),
            y,
          ),
        ]
      },
      'split over both': (m, [x, y]) => {
        const k = m.constant(Math.sqrt(factor))
        return [
          m.dot(
            x.map((value) => m.result(m.multiply(value, k))),
            y.map((value) => m.result(m.multiply(value, k))),
          ),
        ]
      },
    },
  }
}

/** x times `factor`. */
export function scaled(factor: number): Primitive {
  return {
    name: 'scale',
    bounded: (rules, [x]) => rules.scale(row(x), factor),
    forms: {
      'by a constant': each((m, x) => m.multiply(x, m.constant(factor))),
      divided: each((m, x) => m.divide(x, m.narrowConstant(m.literal(1 / factor)))),
    },
  }
}

const bins = { rows: [[0, 1]], columns: [[0, 2]] } as const

/** Pooling of a map [1, n, 1] into the mean or the largest of all of it. */
const pooled = (reduction: 'mean' | 'max', forms: Primitive['forms']): Primitive => ({
  name: `${reduction} pool`,
  bounded: (rules, [x]) => {
    const n = x.v.length
    return rules.pool(row(x, [1, n, 1]), { ...bins, columns: [[0, n]] }, reduction)
  },
  forms,
})

const means: Primitive['forms'] = {
  'divided last': all((m, x) => m.mean(x, false)),
  'divided first': all((m, x) => m.mean(x, true)),
  'sum rounded': all((m, x) => m.divide(m.result(m.sum(x)), x.length)),
}

export type PrimitiveName =
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'weigh'
  | 'exp'
  | 'gelu'
  | 'sum'
  | 'mean'
  | 'meanPool'
  | 'maxPool'
  | 'product'
  | 'linear'
  | 'softmax'
  | 'logSoftmax'
  | 'layerNorm'

export const primitives: Readonly<Record<PrimitiveName, Primitive>> = {
  add: {
    name: 'add',
    bounded: (rules, [x, y]) => rules.add(row(x), row(y)),
    forms: { plain: each((m, x, y) => m.add(x, y)) },
  },
  subtract: {
    name: 'subtract',
    bounded: (rules, [x, y]) => rules.subtract(row(x), row(y)),
    forms: { plain: each((m, x, y) => m.subtract(x, y)) },
  },
  multiply: {
    name: 'multiply',
    bounded: (rules, [x, y]) => rules.multiply(row(x), row(y)),
    forms: { plain: each((m, x, y) => m.multiply(x, y)) },
  },
  weigh: {
    name: 'weigh',
    bounded: (rules, [x, y]) => rules.weigh(row(x), row(y)),
    forms: { plain: each((m, x, y) => m.multiply(x, y)) },
  },
  exp: {
    name: 'exp',
    bounded: (rules, [x]) => rules.exp(row(x)),
    forms: { plain: each((m, x) => m.exp(x)) },
  },
  gelu: {
    name: 'gelu',
    bounded: (rules, [x]) => rules.gelu(row(x)),
    forms: {
      'half of x, times 1 + erf': gelu((m, x) => m.multiply(x, m.literal(SQRT_HALF)), false),
      'two halves': gelu((m, x) => m.multiply(x, m.literal(SQRT_HALF)), true),
      'an argument divided': gelu((m, x) => m.divide(x, m.literal(Math.SQRT2)), false),
      'in steps, half of x first': geluInSteps(byRootHalf, (m, x, erf) =>
        m.multiply(m.stepHalf(x), onePlus(m, erf)),
      ),
      'in steps, x first': geluInSteps(
        (m, x) => m.divide(x, m.stepConstant(Math.SQRT2)),
        (m, x, erf) => m.half(m.multiply(x, onePlus(m, erf))),
      ),
      'in steps, half of the sum': geluInSteps(byRootHalf, (m, x, erf) =>
        m.multiply(x, m.stepHalf(onePlus(m, erf))),
      ),
      'in steps, two halves': geluInSteps(byRootHalf, (m, x, erf) => {
        const half = m.stepHalf(x)
        return m.add(half, m.step(m.multiply(half, erf)))
      }),
    },
  },
  sum: {
    name: 'sum',
    bounded: (rules, [x]) => rules.sum(row(x), 'last'),
    forms: { plain: all((m, x) => m.sum(x)) },
  },
  mean: { name: 'mean', bounded: (rules, [x]) => rules.mean(row(x), 'last'), forms: means },
  meanPool: pooled('mean', means),
  maxPool: { ...pooled('max', { plain: all((_, x) => largest(x)) }), chooses: true },
  product: {
    name: 'product',
    bounded: (rules, [x, y]) => rules.matmulTransposed(row(x), row(y)),
    forms: onProducts,
  },
  linear: {
    name: 'linear',
    bounded: (rules, [x, y, bias]) => rules.linear(row(x), row(y), row(bias, [1])),
    forms: {
      plain: (m, [x, y, [bias]]) => [m.dot(x, y, bias)],
      'bias apart': (m, [x, y, [bias]]) => [m.add(m.result(m.dot(x, y)), bias)],
    },
  },
  softmax: {
    name: 'softmax',
    bounded: (rules, [x]) => rules.softmax(row(x)),
    forms: {
      shifted: (m, [z]) => {
        const power = shiftedPower(m)
        const powers = z.map((value) => power(value, largest(z)))
        const sum = m.sum(powers)
        return powers.map((value) => m.divide(value, sum))
      },
      unshifted: (m, [z]) => {
        const powers = z.map((value) => m.exp(value))
        const sum = m.sum(powers)
        return powers.map((value) => m.divide(value, sum))
      },
      'online, numerators anew': (m, [z]) => {
        const power = shiftedPower(m)
        const { max, sum } = online(m, z, power)
        return z.map((value) => m.divide(power(value, max), sum))
      },
      'online, numerators rescaled': (m, [z]) => {
        const { sum, numerators } = online(m, z, shiftedPower(m))
        return numerators.map((value) => m.divide(value, sum))
      },
      'in steps': (m, [z]) => {
        const { powers, sum } = powersInSteps(m, z)
        return powers.map((value) => m.divide(value, sum))
      },
      'in steps, by the reciprocal': (m, [z]) => {
        const { powers, sum } = powersInSteps(m, z)
        const inverse = m.step(m.divide(1, sum))
        return powers.map((value) => m.multiply(value, inverse))
      },
      'by its logarithm': (m, [z]) => {
        const l = logSumExp(m, z)
        return z.map((value) => m.exp(m.result(m.subtract(value, l))))
      },
      'by its logarithm, unshifted': (m, [z]) => {
        const sum = m.result(m.sum(z.map((value) => m.exp(value))))
        const l = m.result(m.log(sum))
        return z.map((value) => m.exp(m.result(m.subtract(value, l))))
      },
      'by its logarithm, to base 2': (m, [z]) => {
        const l = logSumExp(m, z)
        const inBase2 = (x: number): number => m.multiply(x, m.literal(Math.LOG2E))
        return z.map((value) => m.exp(m.subtract(inBase2(value), inBase2(l)) * Math.LN2))
      },
    },
  },
  logSoftmax: {
    name: 'logSoftmax',
    bounded: (rules, [x]) => rules.logSoftmax(row(x)),
    forms: {
      differences: (m, [z]) => {
        const power = shiftedPower(m)
        const sum = m.sum(z.map((value) => power(value, largest(z))))
        return logOf(m, z, largest(z), sum, 'differences')
      },
      'one sum': (m, [z]) => {
        const power = shiftedPower(m)
        const sum = m.sum(z.map((value) => power(value, largest(z))))
        return logOf(m, z, largest(z), sum, 'one sum')
      },
      'sum and logarithm rounded': (m, [z]) => {
        const power = shiftedPower(m)
        const sum = m.result(m.sum(z.map((value) => power(value, largest(z)))))
        const log = m.result(m.log(sum))
        return z.map((value) => m.subtract(m.subtract(value, largest(z)), log))
      },
      'in steps': (m, [z]) => {
        const { differences, sum } = powersInSteps(m, z)
        const log = m.result(m.log(sum))
        return differences.map((value) => m.subtract(value, log))
      },
      unshifted: (m, [z]) => {
        const log = m.log(m.sum(z.map((value) => m.exp(value))))
        return z.map((value) => m.subtract(value, log))
      },
      online: (m, [z]) => {
        const { max, sum } = online(m, z, shiftedPower(m))
        return logOf(m, z, max, sum, 'differences')
      },
    },
  },
  layerNorm: {
    name: 'layerNorm',
    bounded: (rules, [x, weight, bias]) => {
      const n = x.v.length
      return rules.layerNorm(row(x), row(weight, [n]), row(bias, [n]), EPS)
    },
    forms: {
      'two passes': layerNorm({}),
      'two passes, by root': layerNorm({ byRoot: true, dividedFirst: true }),
      'one pass': layerNorm({ onePass: true }),
      'gain first': layerNorm({ map: 'gain first' }),
      folded: layerNorm({ map: 'folded' }),
      'folded, mean first': layerNorm({ map: 'folded, mean first' }),
      'normed parts': layerNorm({ map: 'normed parts' }),
      'in steps': layerNormInSteps({ mean: 'divided', root: 'inverse', gain: 'last' }),
      'in steps, by root': layerNormInSteps({ mean: 'divided', root: 'divided by', gain: 'last' }),
      'in steps, gain first': layerNormInSteps({ mean: 'times 1/n', root: 'divided by', gain: 'first' }),
      'in steps, gain with the root': layerNormInSteps({
        mean: 'times 1/n',
        root: 'reciprocal',
        gain: 'with the root',
      }),
    },
  },
}
