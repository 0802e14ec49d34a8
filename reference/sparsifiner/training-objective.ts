import { withRule, type Arithmetic, type Kinds } from '../arithmetic.ts'
import { eq10 } from './eq10-attention-distillation-loss.ts'
import { eq11 } from './eq11-basis-sparsity-loss.ts'
import { eq12 } from './eq12-total-loss.ts'
import { eq7 } from './eq7-classification-loss.ts'
import { eq8 } from './eq8-token-distillation-loss.ts'
import { eq9 } from './eq9-prediction-distillation-loss.ts'

/** The weights of Eq. (12) in the paper's two phases: the first fits the mask predictor, the second trains all of it. */
const LAMBDA = {
  1: { lambda_token: 0, lambda_cls: 0, lambda_attn: 1, lambda_spa: 0 },
  2: { lambda_token: 0.5, lambda_cls: 0.5, lambda_attn: 0, lambda_spa: 0 },
} as const

/** What the terms of the objective are computed from. */
type Inputs<K extends Kinds> = Record<
  'logits' | 'target' | 'x' | 'x_teach' | 'logits_teach' | 'A_tilde' | 'A_teach',
  K['Dense']
>

/**
 * L = L_cls + λ_token·L_token + λ_cls·L_kl + λ_attn·L_attn + λ_spa·L_spa, from the tensors that the terms are about
 *
 * Sparsifiner Eqs. (7) to (11) composed by Eq. (12) with the λ of a training phase:
 * phase 1 has λ_token = 0, λ_cls = 0, λ_attn = 1; phase 2 has 0.5, 0.5, 0; λ_spa is 0 in both (weight decay does it).
 * logits, target, logits_teach `[B, k]`, x, x_teach `[B, n, C]`, A_tilde `[.., n, m]`, A_teach `[.., n, n]` (the leading
 * dimensions being layers, batch and heads), W_up `[m, n]` → L_cls, L_token, L_kl, L_attn, L_spa, loss `[]`.
 * `direction` is that of Eq. (9), `reduction` that of Eq. (10). Terms of weight 0 are computed all the same.
 */
export function trainingObjective<K extends Kinds>(
  a: Arithmetic<K>,
  { logits, target, x, x_teach, logits_teach, A_tilde, A_teach }: Inputs<K>,
  { W_up }: { readonly W_up: K['Dense'] },
  {
    phase,
    direction,
    reduction,
  }: {
    readonly phase: 1 | 2
    readonly direction: 'pred,teach' | 'teach,pred'
    readonly reduction: 'mean' | 'sum'
  },
): Record<'L_cls' | 'L_token' | 'L_kl' | 'L_attn' | 'L_spa' | 'loss', K['Dense']> {
  const L_cls = eq7(term(a, 'L_cls'), { logits, target }).loss
  const L_token = eq8(term(a, 'L_token'), { x, x_teach }).loss
  const L_kl = eq9(term(a, 'L_kl'), { logits, logits_teach }, {}, { direction }).loss
  const L_attn = eq10(term(a, 'L_attn'), { A_tilde, A_teach }, { W_up }, { reduction }).loss
  const L_spa = eq11(term(a, 'L_spa'), {}, { W_up }).loss
  const terms = { L_cls, L_token, L_kl, L_attn, L_spa }
  return { ...terms, ...eq12(a, terms, {}, LAMBDA[phase]) }
}

/** The arithmetic in which an equation's `loss` is called `name`, and what leads to it `name.…`. */
function term<K extends Kinds>(a: Arithmetic<K>, name: string): Arithmetic<K> {
  return withRule(a, {
    expose: (inner, x) => (inner === 'loss' ? a.expose(name, x) : a.scope(name, () => a.expose(inner, x))),
  })
}
