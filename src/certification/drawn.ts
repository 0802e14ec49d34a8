import { certain, estimatedSeconds } from '../../reference/exact/index.ts'
import { sample } from '../catalogue/sample.ts'
import type { Equation } from '../catalogue/schema.ts'
import { isUnfit, sharesOf, type Shares } from './shares.ts'

/** One small drawn case against its exact values. */
export interface DrawnCertificate extends Shares {
  readonly id: string
  readonly seed: number
  readonly verdict: 'pass' | 'fail'
}

/** The largest extent of a drawn case, and what its exact values may take. */
const LARGEST = 6
const PATIENCE = 2

/**
 * Certifies the oracle on drawn cases of the equation, of seeds `seed`, `seed + 1`, …, passing over those whose exact values
 * would take long.
 */
export function* certifyDrawn(equation: Equation, seed: number, cases: number): Generator<DrawnCertificate> {
  let made = 0
  for (let i = 0; made < cases && i < 20 * cases; i++) {
    const question = sample(equation, seed + i, { largest: LARGEST })
    if (estimatedSeconds(question) > PATIENCE) continue
    made++
    const shares = sharesOf(question, certain(question).float64)
    yield { id: equation.id, seed: seed + i, verdict: isUnfit(shares) ? 'fail' : 'pass', ...shares }
  }
}
