import type { Ask, Named } from '../ask.ts'
import { grid, type Grid } from '../grid.ts'
import type { Ball } from '../numbers/ball.ts'
import { eq10 } from './eq10.ts'
import { eq11 } from './eq11.ts'
import { eq7 } from './eq7.ts'
import { eq8 } from './eq8.ts'
import { eq9 } from './eq9.ts'

/**
 * L = L_cls + L_attn          Sparsifiner Eq. (12), phase 1, of the terms of Eqs. (7) to (11).
 * logits, target, logits_teach [B, k], x, x_teach [B, n, C], A_tilde [.., n, m], A_teach [.., n, n], W_up [m, n]; scalars all.
 */
export function phase1(ask: Ask): Named {
  return objective(ask, ({ L_cls, L_attn }) => L_cls.plus(L_attn))
}

/** L = L_cls + L_token/2 + L_kl/2          Sparsifiner Eq. (12), phase 2, of the same terms. */
export function phase2(ask: Ask): Named {
  const half = ask.constant(0.5)
  return objective(ask, ({ L_cls, L_token, L_kl }) => L_cls.plus(half.times(L_token)).plus(half.times(L_kl)))
}

/** The terms by name; what leads to a term is named after it. */
function objective(ask: Ask, total: (terms: Record<string, Ball>) => Ball): Named {
  const named = new Map<string, Grid<Ball> | Grid<boolean>>()
  const terms: Record<string, Ball> = {}
  for (const [term, equation] of Object.entries({
    L_cls: eq7,
    L_token: eq8,
    L_kl: eq9,
    L_attn: eq10,
    L_spa: eq11,
  })) {
    for (const [name, found] of equation(ask)) {
      named.set(name === 'loss' ? term : `${term}.${name}`, found)
      const [value] = found.values
      if (name === 'loss' && typeof value === 'object') terms[term] = value
    }
  }
  return named.set(
    'loss',
    grid([], () => total(terms)),
  )
}
