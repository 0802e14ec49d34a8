import type { Ask, Named } from '../ask.ts'
import { grid } from '../grid.ts'
import { sum } from '../numbers/ball.ts'
import { logProbabilities } from './log-probabilities.ts'

/**
 * L_cls = CrossEntropy(y_pred, y)          Sparsifiner Eq. (7): the mean over B of −Σⱼ target·log softmax(logits).
 * logits, target [B, k]; log_probs [B, k], per_sample [B], loss [].
 * The contract decides: a target need not sum to one.
 */
export function eq7(ask: Ask): Named {
  const [logits, target] = [ask.input('logits'), ask.input('target')]
  const [B, k] = logits.shape
  const log_probs = logProbabilities(logits)
  const per_sample = grid([B], (b) => sum(k, (j) => target.at(b, j).times(log_probs.at(b, j))).negated())
  const loss = grid([], () => sum(B, (b) => per_sample.at(b)).dividedBy(ask.constant(B)))
  return new Map(Object.entries({ log_probs, per_sample, loss }))
}
