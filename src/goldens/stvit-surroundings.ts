import type { SampleOptions } from '../catalogue/sample.ts'
import { all, drawn, filled, none, times, type Recipe } from './recipe.ts'

/** Recipes of one unit, each without batch unless it says otherwise. */
function of(id: string, shared: SampleOptions) {
  return (
    name: string,
    why: string,
    options: SampleOptions = {},
    changes?: Parameters<typeof drawn>[4],
  ): Recipe => drawn(id, name, why, { lead: [], ...shared, ...options }, changes)
}

function adaptivePooling(id: string): readonly Recipe[] {
  const pool = of(id, { sizes: { H: 7, W: 5, C: 2 }, config: { out: 3 } })
  return [
    pool('overlapping', '7 × 5 into 3 × 3: bins overlap by one place'),
    pool('partition', 'out divides H and W', { sizes: { H: 4, W: 6, C: 2 }, config: { out: 2 }, lead: [2] }),
    pool('more-bins-than-rows', 'out above H: bins repeat', { sizes: { H: 2, W: 3, C: 2 } }),
    pool('all-negative', 'no value above 0: a maximum that starts at 0 shows', {}, (t) => ({
      'input.X': filled(t('input.X'), (i) => -1 - Math.abs(t('input.X').data[i])),
    })),
  ]
}

const cut = of('stvit/window-partition', { sizes: { H: 4, W: 6, C: 2 }, config: { w: 2 } })
const joined = of('stvit/window-reverse', { sizes: { Nw: 6, w: 2, C: 2 }, config: { H: 4, W: 6 } })
const windows: readonly Recipe[] = [
  cut('oblong', '2 × 3 windows: numbering along rows or down columns differs'),
  cut('one-window', 'the whole map', { sizes: { H: 3, W: 3, C: 2 }, config: { w: 3 } }),
  cut('batch', 'windows of one map stay together', { lead: [2] }),
  joined('oblong', '2 × 3 windows: H and W exchanged show'),
  joined('one-window', 'the whole map', { sizes: { Nw: 1, w: 3, C: 2 }, config: { H: 3, W: 3 } }),
  joined('batch', 'windows of one map stay together', { lead: [2] }),
]

const layer = { C: 4, rC: 8 }
const local = of('stvit/local-cross-attention', {
  sizes: { H: 4, W: 6, Nw: 6, s: 2, ...layer },
  config: { w: 2, wk: 3, heads: 2 },
})
const localAttention: readonly Recipe[] = [
  local('clamped', 'wk − w odd: half of it rounded down, windows at the far border pushed back', {
    has: none,
  }),
  local('centred', 'key windows cut off at the border', {
    has: all,
    config: { w: 2, wk: 4, heads: 2, key_windows: 'centred' },
  }),
  local('no-margin', 'wk = w: every window sees itself alone', {
    config: { w: 2, wk: 2, heads: 1 },
    lead: [2],
    has: all,
  }),
  local('whole-map', 'wk = H = W: every window sees everything', {
    sizes: { H: 4, W: 4, Nw: 4, s: 1, ...layer },
    config: { w: 2, wk: 4, heads: 2 },
  }),
]

const kernels = { kd_intra: 3, kc_intra: 1, kd_inter: 3, kc_inter: 1 }
const generate = of('stvit/stgm', {
  sizes: { H: 3, W: 4, ...layer, ...kernels },
  config: { ws: 2, heads: 2 },
})
const generation: readonly Recipe[] = [
  generate('as-printed', 'no norm, no bias, no LayerScale', { has: none }),
  generate('everything', 'every optional param', { has: all }),
  generate('average', 'centres by adaptive average pooling', {
    config: { ws: 2, heads: 2, pooling: 'average' },
  }),
  generate('max', 'centres by adaptive max pooling, the authors’ residual', {
    config: { ws: 2, heads: 1, pooling: 'max', residual: 'S1+G' },
  }),
]

const recover = of('stvit/window-recovery', {
  sizes: { H: 4, W: 2, Nw: 4, s: 2, ...layer },
  config: { nw: 2, heads: 2 },
})
const recovery: readonly Recipe[] = [
  recover('windows', '2 × 2 windows of 2 × 1 tokens', { has: none }),
  recover('one-window', 'Eq. (6) on the whole map', {
    sizes: { H: 2, W: 3, Nw: 1, s: 3, ...layer },
    config: { nw: 1, heads: 2 },
    has: all,
  }),
  recover('one-token', 'one semantic token a window: every softmax is 1', {
    sizes: { H: 2, W: 2, Nw: 4, s: 1, ...layer },
    lead: [2],
  }),
]

const unit = of('stvit/dumbbell', {
  sizes: { H: 4, W: 4, depth: 2, ...layer, ...kernels },
  config: { ws: 2, heads: 2 },
})
const dumbbell: readonly Recipe[] = [
  unit('global', 'two layers on semantic tokens, recovery over the whole map', { has: all }),
  unit('windows', 'recovery in 2 × 2 windows, one semantic token each', {
    config: { ws: 2, nw: 2, heads: 2, pooling: 'average' },
    has: none,
  }),
  unit('windows-of-four', 'recovery in 2 × 2 windows, four semantic tokens each', {
    sizes: { H: 4, W: 4, depth: 1, ...layer },
    config: { ws: 4, nw: 2, heads: 1, pooling: 'average' },
    has: none,
    lead: [],
  }),
  unit('one-layer', 'max pooling, one layer', {
    sizes: { H: 4, W: 2, depth: 1, ...layer, ...kernels },
    config: { ws: 2, heads: 1, pooling: 'max' },
  }),
]

const embed = of('stvit/patch-embedding', { sizes: { H: 4, W: 6, ch: 3, C: 4 }, config: { p: 2 } })
const head = of('stvit/classifier', { sizes: { N: 5, C: 4, k: 3 } })
const ends: readonly Recipe[] = [
  embed('as-in-deit', 'bias and positions', { has: all }),
  embed('weights-alone', 'neither bias nor positions', { has: none, lead: [2] }),
  embed('one-patch', 'the whole image is one patch', {
    sizes: { H: 3, W: 3, ch: 3, C: 4 },
    config: { p: 3 },
  }),
  head('with-norm', 'the norm goes over tokens before the mean', { has: all }),
  head('without-norm', 'the mean of the tokens as they are', { has: none, lead: [2] }),
  head('tiny-variance', 'tokens whose channels hardly differ: ε is seen', { has: all }, (t) => ({
    'input.X': times(t('input.X'), 0.001),
  })),
]

/** Golden recipes of what surrounds the equations of STViT. */
export const stvitSurroundingRecipes: readonly Recipe[] = [
  ...adaptivePooling('stvit/adaptive-average-pooling'),
  ...adaptivePooling('stvit/adaptive-max-pooling'),
  ...windows,
  ...localAttention,
  ...generation,
  ...recovery,
  ...dumbbell,
  ...ends,
]
