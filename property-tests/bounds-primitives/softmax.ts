import type { Machine } from '../bounds-machine.ts'
import { largest, row, type Primitive } from './primitive.ts'

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

export const softmaxes: Readonly<Record<'softmax' | 'logSoftmax', Primitive>> = {
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
}
