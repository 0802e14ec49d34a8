import { attention } from './attention.ts'
import type { Ask, Named } from './ask.ts'
import { grid, type Grid } from './grid.ts'
import { layerNorm } from './layer-norm.ts'
import { linear } from './linear.ts'
import type { Ball } from './numbers/ball.ts'
import { gelu } from './numbers/functions.ts'

/** What a cross-attention layer works on. */
export interface LayerInputs {
  readonly queries: Grid<Ball>
  /** Keys and values alike. */
  readonly keys: Grid<Ball>
  /** What the attention is added to. */
  readonly residual: Grid<Ball>
}

/**
 * hat = MHA(queries, keys, keys) + residual,  out = FFN(hat) + hat,  FFN(x) = fc2(GELU(fc1(x))).
 * queries, residual, hat, out [Nq, C], keys [Nk, C].
 * The contract decides: with `norm1`, the same norm goes over queries and keys, not over the residual; with `norm2`,
 * over what enters the FFN; `layer_scale_1`, `layer_scale_2` [C] multiply what MHA and FFN give, before the residual.
 * @returns everything the contract names, `names` being those of hat and out
 */
export function layer(ask: Ask, inputs: LayerInputs, names: readonly [string, string]): Named {
  const eps = ask.number('eps', 1e-6)
  const { queries, keys, residual } = inputs
  const named = new Map<string, Grid<Ball>>()
  const name = (key: string, x: Grid<Ball>): Grid<Ball> => {
    named.set(key, x)
    return x
  }
  const [x, y] = ask.hasParam('norm1.weight')
    ? [
        name('norm_q', layerNorm(ask, 'norm1', queries, eps)),
        name('norm_kv', layerNorm(ask, 'norm1', keys, eps)),
      ]
    : [queries, keys]
  const steps = attention(ask, x, y)
  for (const [step, values] of Object.entries(steps)) name(step, values)
  const hat = name(names[0], added(scaled(ask, 'layer_scale_1', steps.attn), residual))

  const entering = ask.hasParam('norm2.weight') ? name('norm2', layerNorm(ask, 'norm2', hat, eps)) : hat
  const fc1 = name('fc1', linear(ask, 'ffn.fc1', entering))
  const activated = name(
    'gelu',
    grid(fc1.shape, (n, r) => gelu(fc1.at(n, r))),
  )
  const fc2 = name('fc2', linear(ask, 'ffn.fc2', activated))
  name(names[1], added(scaled(ask, 'layer_scale_2', fc2), hat))
  return named
}

/** y[n, c] = x[n, c]·s[c], where the question has s. */
function scaled(ask: Ask, name: string, x: Grid<Ball>): Grid<Ball> {
  if (!ask.hasParam(name)) return x
  const s = ask.param(name)
  return grid(x.shape, (n, c) => x.at(n, c).times(s.at(c)))
}

/** a + b, entry by entry, [N, C] each. */
export function added(a: Grid<Ball>, b: Grid<Ball>): Grid<Ball> {
  return grid(a.shape, (n, c) => a.at(n, c).plus(b.at(n, c)))
}

/** The rows of a, then those of b: [Na + Nb, C]. */
export function concatenated(a: Grid<Ball>, b: Grid<Ball>): Grid<Ball> {
  const [Na, C] = a.shape
  return grid([Na + b.shape[0], C], (n, c) => (n < Na ? a.at(n, c) : b.at(n - Na, c)))
}
