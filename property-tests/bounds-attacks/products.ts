import { portable } from '../../src/verdict/profile/shipped.ts'
import { exact, primitives as p, within } from '../bounds-primitives/index.ts'
import { attacksOf, flushing, leading, quiet, repeated, still, SUBNORMAL, type Climbed } from './attack.ts'

/** On sums of products. */
export const PRODUCT_ATTACKS: readonly Climbed[] = attacksOf((attack) => {
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
})
