import { patchEmbedding as text } from '../../../reference/stvit/patch-embedding.ts'
import { linearOf } from '../ask.ts'
import type { Equation } from '../schema.ts'

export const patchEmbedding: Equation = {
  id: 'stvit/patch-embedding',
  title: 'Patch embedding',
  source: 'STViT §3, as in DeiT',
  file: 'reference/stvit/patch-embedding.ts',
  inputs: { image: { dims: ['..', 'H', 'W', 'ch'], fill: 'tokens' } },
  params: {
    'proj.weight': { dims: ['C', 'ch', 'p', 'p'], fill: 'weight' },
    'proj.bias': { dims: ['C'], fill: 'bias', optional: true },
    pos_embed: { dims: ['nH·nW', 'C'], fill: 'tokens', optional: true },
  },
  config: { p: { kind: 'integer', min: 1, about: 'rows and columns of a patch; must divide H and W' } },
  exposes: {
    patches: { dims: ['..', 'nH·nW', 'ch·p·p'] },
    embedded: { dims: ['..', 'nH·nW', 'C'], needs: 'pos_embed' },
    X: { dims: ['..', 'nH·nW', 'C'], output: true },
  },
  derive(sizes, config) {
    const [{ H, W }, p] = [sizes, Number(config['p'])]
    if (H % p !== 0 || W % p !== 0) {
      return { where: 'config.p', expected: `a divisor of H = ${H} and W = ${W}`, found: `${p}` }
    }
    return { ...sizes, p, nH: H / p, nW: W / p }
  },
  sizes: (draw, { p }) => ({
    H: Number(p) * draw.integer(1, 4),
    W: Number(p) * draw.integer(1, 4),
    ch: draw.pick([1, 3, 3]),
    C: draw.integer(1, 12),
  }),
  sampleConfig: (draw) => ({ p: draw.integer(1, 4) }),
  evaluate: (a, ask) =>
    text(
      a,
      { image: ask.input('image') },
      { proj: linearOf(ask, 'proj'), pos_embed: ask.optionalParam('pos_embed') },
    ),
}
