import type { Evaluator } from '../reference/evaluator.ts'
import type { FullKinds } from '../reference/float32/index.ts'
import type { Random } from '../src/random.ts'
import { runtime } from '../src/sensitivity/legal/arithmetic.ts'
import { plain } from '../src/sensitivity/legal/choices.ts'
import { erfByPolynomial, expAllowance, off } from '../src/sensitivity/legal/functions.ts'
import { fused, lanes, pairwise } from '../src/sensitivity/legal/sums.ts'

/**
 * Three float32 runtimes, legal under the profile `portable`, for properties that need few and quick ones; all of them are in
 * `src/sensitivity/legal/variants.ts`.
 */
export interface HonestRuntime {
  readonly name: string
  /** @param source where the errors of its functions are drawn from */
  evaluator(source: Random): Evaluator<FullKinds>
}

const f = Math.fround

export const honestRuntimes: readonly HonestRuntime[] = [
  { name: 'sequential', evaluator: () => runtime('sequential', plain) },
  {
    name: 'pairwise, one-pass variance, WGSL’s functions',
    evaluator(source) {
      const drawn = (): number => 2 * source.uniform() - 1
      const exp = (x: number): number => off(Math.exp(x), drawn() * expAllowance(x))
      return runtime('pairwise', {
        ...plain,
        dot: pairwise(f),
        exp,
        log: (x) =>
          x >= 0.5 && x <= 2
            ? f(Math.log(x) + drawn() * (2 ** -21 - 2 ** -25))
            : off(Math.log(x), 3 * drawn()),
        divide: (x, y) => off(x / y, 2.5 * drawn()),
        inverseSqrt: (x) => off(1 / Math.sqrt(x), 2 * drawn()),
        erf: (x) => erfByPolynomial(x, exp),
        variance: 'one-pass',
      })
    },
  },
  {
    name: 'four fused lanes, softmax without shift',
    evaluator: () => runtime('lanes', { ...plain, dot: lanes(4, fused, f), softmax: 'shiftless' }),
  },
]
