import { portable } from '../../src/verdict/profile/shipped.ts'
import { exact, primitives as p, scaled, scaledProduct, within } from '../bounds-primitives/index.ts'
import {
  attacksOf,
  F,
  flushing,
  folding,
  MUCH,
  quiet,
  repeated,
  still,
  SUBNORMAL,
  type Climbed,
} from './attack.ts'

/** On sums and products of two, scales, exp and GELU. */
export const ELEMENTWISE_ATTACKS: readonly Climbed[] = attacksOf((attack) => {
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
})
