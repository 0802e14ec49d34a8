import type { Machine } from '../bounds-machine.ts'
import { each, row, type Primitive } from './primitive.ts'

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

type Name = 'add' | 'subtract' | 'multiply' | 'weigh' | 'exp' | 'gelu'

export const elementwise: Readonly<Record<Name, Primitive>> = {
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
}
