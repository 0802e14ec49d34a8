import type { Arithmetic, Kinds } from '../arithmetic.ts'

/**
 * L_cls = −(1/B) Σ_b Σ_k target_bk · log Softmax(logits_b)_k
 *
 * Sparsifiner Eq. (7): cross-entropy with one-hot or soft targets.
 * logits, target `[B, k]` → loss `[]`. A target need not sum to one.
 */
export function eq7<K extends Kinds>(
  a: Arithmetic<K>,
  { logits, target }: { logits: K['Dense']; target: K['Dense'] },
): { loss: K['Dense'] } {
  const log_probs = a.expose('log_probs', a.logSoftmax(logits))
  const per_sample = a.expose('per_sample', a.scale(a.sum(a.weigh(target, log_probs), 'last'), -1))
  const loss = a.expose('loss', a.mean(per_sample, 'all'))
  return { loss }
}
