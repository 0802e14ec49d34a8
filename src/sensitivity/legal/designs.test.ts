import { erf as exactErf } from 'mathjs'
import { describe, expect, test } from 'vitest'
import { plainDesign, type RuntimeDesign } from '../../arithmetics/simulated/design.ts'
import { ulpAt } from '../../arithmetics/simulated/formats.ts'
import { runtimeOf } from '../../arithmetics/simulated/runtime.ts'
import { portable } from '../../verdict/profile/shipped.ts'
import { designs } from './designs.ts'

const f = Math.fround
const { functions } = portable
/** A float64 function is itself a little off. */
const SLACK = 1e-6

/** Arguments of every size that a function meets, their last bits as they come. */
const between = (least: number, most: number): number[] =>
  Array.from({ length: 3000 }, (_, i) => f(least * (most / least) ** (i / 2999)))

const ulps = (found: number, exact: number): number => Math.abs(found - exact) / ulpAt(exact)

describe.each(designs.map(({ id, design }) => [id, { ...plainDesign, ...design }] as const))(
  '%s',
  (_, design) => {
    const runtime = runtimeOf(design)

    test('stays in float32, rounds to nearest, and skips no maximum', () => {
      const { accumulator, matmul, storage, inputs, rounding, softmax, layerNorm } = design
      expect(new Set([accumulator, matmul, storage, inputs])).toEqual(new Set(['float32']))
      expect(rounding).toBe('nearest')
      expect(softmax).not.toBe('no-max')
      // legal only while the mean is moderate, which a design does not ask
      expect(layerNorm).not.toBe('one-pass')
    })

    test('functions are as accurate as the profile demands', () => {
      for (const x of [...between(1e-6, 80), 0].flatMap((size) => [size, -size])) {
        const most = functions.exp.ulp + functions.exp.ulpPerUnit * Math.abs(x)
        expect(ulps(runtime.exp(x), Math.exp(x)), `exp(${x})`).toBeLessThanOrEqual(most + SLACK)
      }
      for (const x of between(1e-6, 1e6)) {
        const error = Math.abs(runtime.log(x) - Math.log(x))
        const near = x >= 0.5 && x <= 2 ? functions.log.nearOne : 0
        const most = Math.max(near, functions.log.ulp * ulpAt(Math.log(x)))
        expect(error, `log(${x})`).toBeLessThanOrEqual(most * (1 + SLACK))
        const root = ulps(runtime.inverseRoot(x), 1 / Math.sqrt(x))
        expect(root, `1/√${x}`).toBeLessThanOrEqual(functions.inverseSqrt.ulp + SLACK)
        const share = ulps(runtime.divide(x, 3), x / 3)
        expect(share, `${x}/3`).toBeLessThanOrEqual(functions.divide.ulp)
      }
      for (const x of between(1e-6, 6).flatMap((size) => [size, -size])) {
        const error = Math.abs(runtime.erf(x) - exactErf(x))
        expect(error, `erf(${x})`).toBeLessThanOrEqual(functions.erf.absolute * (1 + SLACK))
      }
    })
  },
)

test('a declared error is there, high and low', () => {
  const errors = (
    key: 'exp' | 'log' | 'inverseRoot',
    exact: (x: number) => number,
    design: Partial<RuntimeDesign>,
  ) => {
    const runtime = runtimeOf({ ...plainDesign, ...design })
    return between(2, 60).map((x) => (runtime[key](x) - exact(x)) / ulpAt(exact(x)))
  }
  const designOf = (id: string): Partial<RuntimeDesign> =>
    designs.find((each) => each.id === id)?.design ?? {}
  for (const found of [
    errors('exp', Math.exp, designOf('simulated-exp')),
    errors('log', Math.log, designOf('simulated-log')),
    errors('inverseRoot', (x) => 1 / Math.sqrt(x), designOf('simulated-rsqrt')),
    errors('exp', Math.exp, designOf('simulated-polynomials')),
  ]) {
    expect(Math.max(...found)).toBeGreaterThan(1.4)
    expect(Math.min(...found)).toBeLessThan(-1.4)
  }
})
