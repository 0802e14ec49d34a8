import { eachItem, type Ask, type Named } from '../ask.ts'
import type { Grid } from '../grid.ts'
import { inside, numbersNamed, placesOf, renamed } from '../inside.ts'
import { added, concatenated, layer } from '../layer.ts'
import type { Ball } from '../numbers/ball.ts'
import { averaged, largest } from './adaptive-pooling.ts'
import { eq5 } from './eq5.ts'

/**
 * P by Eq. (5) or adaptive pooling,  S¹ = layer 1 of P on X,  S² = layer 2 of S¹ + G on Concat(S¹, X)          STViT §3.1.
 * X [.., H, W, C], its places the image tokens; G [ws·ws, C]; P, S1, S [.., ws·ws, C].
 * The contract decides as in Eqs. (1), (2) and (5).
 */
export function stgm(ask: Ask): Named {
  return eachItem(ask, generated)
}

/** The module on one map, input X. */
export function generated(item: Ask): Named {
  const X = item.input('X')
  const tokens = placesOf(X)
  const { P, steps } = centres(item, X)
  const first = layer(inside(item, 'layer1.'), { queries: P, keys: tokens, residual: P }, ['S_hat', 'S'])
  const S1 = numbersNamed(first, 'S')
  const queries = added(S1, item.param('G'))
  const residual = item.choice('residual', 'S1') === 'S1+G' ? queries : S1
  const keys = concatenated(S1, tokens)
  const second = layer(inside(item, 'layer2.'), { queries, keys, residual }, ['S_hat', 'S'])
  return new Map<string, Grid<Ball> | Grid<boolean>>([
    ...steps,
    ['P', P],
    ...renamed('layer1.', first, ['S']),
    ['S1', S1],
    ...renamed('layer2.', second, ['S']),
    ['S', numbersNamed(second, 'S')],
  ])
}

function centres(item: Ask, X: Grid<Ball>): { readonly P: Grid<Ball>; readonly steps: Named } {
  const ws = item.number('ws')
  const pooling = item.choice('pooling', 'eq5')
  if (pooling === 'average') return { P: averaged(X, ws), steps: new Map() }
  if (pooling === 'max') return { P: largest(X, ws), steps: new Map() }
  const named = eq5(inside(item, 'pooling.', { X }))
  return { P: numbersNamed(named, 'P'), steps: renamed('pooling.', named, ['P']) }
}
