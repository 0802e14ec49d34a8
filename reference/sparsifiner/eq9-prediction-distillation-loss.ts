import type { Arithmetic, Kinds } from '../arithmetic.ts'

/**
 * L_kl = (1/B) Σ_b KL(y_pred ‖ y_teach),  KL(p ‖ q) = Σ p (log p − log q),  0·log 0 = 0
 *
 * Sparsifiner Eq. (9): the predictions held against the teacher's.
 * logits, logits_teach `[B, k]` → loss `[]`. `direction: "pred,teach"` is the printed one; `"teach,pred"`, that is
 * KL(y_teach ‖ y_pred), the authors' code.
 */
export function eq9<K extends Kinds>(
  a: Arithmetic<K>,
  { logits, logits_teach }: { logits: K['Dense']; logits_teach: K['Dense'] },
  _: object,
  { direction }: { readonly direction: 'pred,teach' | 'teach,pred' },
): { loss: K['Dense'] } {
  const log_probs = a.expose('log_probs', a.logSoftmax(logits))
  const log_probs_teach = a.expose('log_probs_teach', a.logSoftmax(logits_teach))
  const [log_p, log_q] =
    direction === 'pred,teach' ? [log_probs, log_probs_teach] : [log_probs_teach, log_probs]

  const terms = a.weigh(a.exp(log_p), a.subtract(log_p, log_q))
  const per_sample = a.expose('per_sample', a.sum(terms, 'last'))
  const loss = a.expose('loss', a.mean(per_sample, 'all'))
  return { loss }
}
