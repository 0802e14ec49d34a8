import type { Ask, Named } from '../ask.ts'
import { grid } from '../grid.ts'
import type { Ball } from '../numbers/ball.ts'

/**
 * L = L_cls + λ_token L_token + λ_cls L_KL + λ_attn L_attn + λ_spa L_spa          Sparsifiner Eq. (12).
 * Scalars [] all. The contract decides: every λ is 0 unless given, a float64 taken exactly.
 */
export function eq12(ask: Ask): Named {
  const term = (lambda: string, loss: string): Ball =>
    ask.constant(ask.number(lambda, 0)).times(ask.input(loss).at())
  const loss = ask
    .input('L_cls')
    .at()
    .plus(term('lambda_token', 'L_token'))
    .plus(term('lambda_cls', 'L_kl'))
    .plus(term('lambda_attn', 'L_attn'))
    .plus(term('lambda_spa', 'L_spa'))
  return new Map([['loss', grid([], () => loss)]])
}
