import fc from 'fast-check'
import { erf } from 'mathjs'
import { describe, expect, test } from 'vitest'
import type { ReadKernel } from '../gpu/kernel-source.ts'
import { random } from '../src/random.ts'
import { profileNamed } from '../src/verdict/profile/read.ts'
import { Machine } from './bounds-machine.ts'
import { planted } from './planted-wgsl.ts'
import { parameters } from './seed.ts'
import { functionsOf } from './wgsl-on-machine.ts'

/** Implementations of WGSL that are not at hand: what they may do, they do, mostly as far as they may. */
const RUNS = 300
const FLUSH = 2 ** -126

/** The distance of float32 numbers at y. */
const ulpAt = (y: number): number => 2 ** (Math.floor(Math.log2(Math.abs(y))) - 23)

interface Function {
  readonly kernel: string
  readonly min: number
  readonly max: number
  truth(x: number): number
  /** What is found by the function of the kernel. */
  found(call: (name: string, x: number) => number, machine: Machine, x: number): number
  /** How far from the truth is legal. */
  bound(x: number, truth: number): number
}

const functions: Readonly<Record<string, Function>> = {
  'exp within (3 + 2·|x|) ULP': {
    kernel: 'exponential',
    min: -104,
    max: 88,
    truth: Math.exp,
    found: (call, _, x) => call('exponential', x),
    bound: (x, y) => (3 + 2 * Math.abs(x)) * ulpAt(y) + FLUSH,
  },
  'log within 3 ULP, up to 2 within 2⁻²¹': {
    kernel: 'logarithm',
    min: 1,
    max: 5000,
    truth: Math.log,
    found: (call, _, x) => call('logarithm', x),
    bound: (x, y) => (x <= 2 ? 2 ** -21 : 3 * ulpAt(y)),
  },
  'GELU within erf ± 2⁻²¹ and six roundings': {
    kernel: 'normal-tail',
    min: -16,
    max: 16,
    truth: (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
    found(call, machine, x) {
      const tail = call('normalTail', x)
      return machine.multiply(x, x < 0 ? tail : machine.subtract(1, tail))
    },
    bound: (x, y) => 0.5 * Math.abs(x) * 2 ** -21 + 6 * 2 ** -23 * Math.abs(y) + FLUSH,
  },
}

/** Tries a function on drawn numbers and drawn machines: whether it was everywhere as near as is legal. */
function holds(
  { kernel, min, max, truth, found, bound }: Function,
  profile: string,
  read?: ReadKernel,
): void {
  const where = fc.record({
    x: fc
      .oneof(
        fc.double({ min, max, noNaN: true }),
        fc.nat(2 ** 24).map((i) => min + ((max - min) * i) / 2 ** 24),
      )
      .map(Math.fround),
    seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    fused: fc.boolean(),
    reciprocal: fc.boolean(),
  })
  fc.assert(
    fc.property(where, ({ x, seed, ...ways }) => {
      const source = random(seed)
      const choose = (): number => Math.max(-1, Math.min(1, 4 * (2 * source.uniform() - 1)))
      const machine = new Machine(profileNamed(profile), { order: 'random', ...ways }, choose, false)
      const y = truth(x)
      const off = Math.abs(found(functionsOf(kernel, machine, read), machine, x) - y)
      expect(off, `at ${x}`).toBeLessThanOrEqual(bound(x, y))
    }),
    parameters(RUNS),
  )
}

describe.each(['portable', 'wgsl'])(
  'fused or not, brought together either way, flushed or not: %s',
  (profile) => {
    test.each(Object.entries(functions))('%s', (_, one) => {
      holds(one, profile)
    })
  },
)

describe('a constant that is a little off is seen', () => {
  test.each([
    ['exp within (3 + 2·|x|) ULP', planted('exponential', '0.1666650623', '0.1676650623')],
    ['exp within (3 + 2·|x|) ULP', planted('exponential', '1.428606765330187e-06', '1.428606765330187e-05')],
    ['log within 3 ULP, up to 2 within 2⁻²¹', planted('logarithm', '0.2000129223', '0.2001129223')],
    ['GELU within erf ± 2⁻²¹ and six roundings', planted('normal-tail', '0.1396213770', '0.1396233770')],
  ])('%s', (name, read) => {
    expect(() => holds(functions[name], 'portable', read)).toThrow('Property failed')
  })
})
