import type { Arithmetic, Kinds } from '../arithmetic.ts'

/**
 * L = L_cls + λ_token·L_token + λ_cls·L_kl + λ_attn·L_attn + λ_spa·L_spa
 *
 * Sparsifiner Eq. (12): the whole objective; all terms and the loss have shape `[]`.
 * The paper's phase 1 has λ_token = 0, λ_cls = 0, λ_attn = 1; phase 2 has 0.5, 0.5, 0; λ_spa is 0 in both.
 */
export function eq12<K extends Kinds>(
  a: Arithmetic<K>,
  {
    L_cls,
    L_token,
    L_kl,
    L_attn,
    L_spa,
  }: Record<'L_cls' | 'L_token' | 'L_kl' | 'L_attn' | 'L_spa', K['Dense']>,
  _: object,
  lambda: Record<'lambda_token' | 'lambda_cls' | 'lambda_attn' | 'lambda_spa', number>,
): { loss: K['Dense'] } {
  const terms = [
    a.scale(L_token, lambda.lambda_token),
    a.scale(L_kl, lambda.lambda_cls),
    a.scale(L_attn, lambda.lambda_attn),
    a.scale(L_spa, lambda.lambda_spa),
  ]
  const loss = a.expose(
    'loss',
    terms.reduce((total, term) => a.add(total, term), L_cls),
  )
  return { loss }
}
