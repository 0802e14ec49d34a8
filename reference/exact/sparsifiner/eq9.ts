import type { Ask, Named } from '../ask.ts'
import { grid } from '../grid.ts'
import { sum } from '../numbers/ball.ts'
import { exp } from '../numbers/functions.ts'
import { logProbabilities } from './log-probabilities.ts'

/**
 * L_KL = KL(y_pred ‖ y_teach) = Σⱼ p (log p − log q)          Sparsifiner Eq. (9), the mean over B.
 * logits, logits_teach [B, k]; log_probs, log_probs_teach [B, k], per_sample [B], loss [].
 * The contract decides: `direction` "teach,pred" is KL(y_teach ‖ y_pred).
 */
export function eq9(ask: Ask): Named {
  const log_probs = logProbabilities(ask.input('logits'))
  const log_probs_teach = logProbabilities(ask.input('logits_teach'))
  const reversed = ask.choice('direction', 'pred,teach') === 'teach,pred'
  const [p, q] = reversed ? [log_probs_teach, log_probs] : [log_probs, log_probs_teach]
  const [B, k] = p.shape
  const per_sample = grid([B], (b) => sum(k, (j) => exp(p.at(b, j)).times(p.at(b, j).minus(q.at(b, j)))))
  const loss = grid([], () => sum(B, (b) => per_sample.at(b)).dividedBy(ask.constant(B)))
  return new Map(Object.entries({ log_probs, log_probs_teach, per_sample, loss }))
}
