import { exact, primitives as p, scaled, scaledProduct, within } from '../bounds-primitives/index.ts'
import { attacksOf, byLog, folding, inBf16, quiet, repeated, type Climbed } from './attack.ts'

/** On results in a narrow format. */
export const RESULT_ATTACKS: readonly Climbed[] = attacksOf((attack) => {
  const bf16 = quiet({}, {}, inBf16)
  attack(0.99, bf16, p.add, 'plain', [exact(1.1), exact(0.3)])
  attack(0.99, bf16, p.subtract, 'plain', [within(0.1, 1), exact(0.5)])
  attack(0.99, bf16, p.linear, 'bias apart', [exact(1.1), exact(1), exact(-1)])
  for (const mean of [p.mean, p.meanPool]) attack(0.99, bf16, mean, 'sum rounded', [exact(1, 1, 1, 1.01)])
  attack(0.95, bf16, p.logSoftmax, 'sum and logarithm rounded', [exact(0, -5)])
  attack(0.9, bf16, p.logSoftmax, 'sum and logarithm rounded', [exact(...repeated(57, 0))])
  attack(0.95, bf16, scaled(0.3), 'by a constant', [exact(1.1)])
  attack(0.9, quiet({}, folding, inBf16), scaledProduct(0.3), 'split over both', [exact(0.92), exact(0.92)])
  attack(0.9, quiet({}, byLog, inBf16), p.softmax, 'by its logarithm', [exact(0, -5)])
  attack(0.9, quiet({}, byLog, inBf16), p.softmax, 'by its logarithm', [exact(...repeated(57, 0))])
})
