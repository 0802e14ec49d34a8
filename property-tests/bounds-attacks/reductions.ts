import { exact, primitives as p, within } from '../bounds-primitives/index.ts'
import {
  attacksOf,
  F,
  flushing,
  leading,
  MUCH,
  quiet,
  repeated,
  still,
  SUBNORMAL,
  type Climbed,
} from './attack.ts'

/** On sums and means. */
export const REDUCTION_ATTACKS: readonly Climbed[] = attacksOf((attack) => {
  attack(0.99, still, p.sum, 'plain', [exact(...leading(8))])
  attack(0.999, still, p.sum, 'plain', [within(0.1, 1, -1, 1)])
  attack(0.999, flushing, p.sum, 'plain', [exact(...repeated(8, SUBNORMAL))])
  for (const mean of [p.mean, p.meanPool]) {
    attack(0.99, quiet({ divide: { ulp: MUCH } }), mean, 'divided first', [exact(1, 1, -1)])
    attack(0.99, quiet({ divide: { ulp: MUCH } }), mean, 'divided last', [exact(1, 1, 1)])
    attack(0.99, still, mean, 'divided last', [exact(...leading(8))])
    attack(0.999, still, mean, 'divided last', [within(0.1, 1, -1, 1)])
    attack(0.999, flushing, mean, 'divided first', [exact(...repeated(8, 8 * SUBNORMAL))])
    attack(
      0.98,
      quiet({ divide: { ulp: MUCH } }),
      mean,
      'divided first',
      [exact(...repeated(8, F / 64))],
      0,
      {
        reciprocal: false,
      },
    )
  }
  attack(0.999, still, p.maxPool, 'plain', [{ v: [1, 0.9], b: [0, 0.3] }])
  attack(0.999, still, p.maxPool, 'plain', [{ v: [1, 0.5], b: [0.3, 0.1] }])
})
