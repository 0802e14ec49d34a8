import type { SampleOptions } from '../catalogue/sample.ts'
import { all, drawn, filled, none, times, type Recipe } from './recipe.ts'

/** Recipes shared by the three equations that are a whole transformer layer. */
function layer(id: string, queries: string, keys: string, N: readonly [string, string]): readonly Recipe[] {
  const [Nq, Nk] = N
  const sizes = { [Nq]: 3, [Nk]: 4, C: 6, rC: 12 }
  const draw = (
    name: string,
    why: string,
    options: SampleOptions,
    changes?: Parameters<typeof drawn>[4],
  ): Recipe => drawn(id, name, why, { lead: [], sizes, config: { heads: 2 }, ...options }, changes)
  return [
    draw('as-printed', 'no norm, no bias, no LayerScale: the equation as the paper prints it', { has: none }),
    draw('everything', 'every optional param at once, in a batch of two', { has: all, lead: [2] }),
    draw('one-token', 'one query and one key: every softmax is 1', { sizes: { ...sizes, [Nq]: 1, [Nk]: 1 } }),
    draw('one-head', 'no split into heads', { config: { heads: 1 } }),
    draw('heads-of-one', 'heads of width 1: 1/√d is 1', { config: { heads: 6 } }),
    draw(
      'saturated',
      'logits of hundreds: softmax is nearly one-hot, and overflows without the shift by the maximum',
      { has: none },
      (t) => ({ [queries]: times(t(queries), 64), [keys]: times(t(keys), 64) }),
    ),
    draw(
      'tiny-variance',
      'rows whose variance is near ε: 1e-5 for 1e-6 is seen',
      { has: (name) => !name.startsWith('param.layer_scale') },
      (t) => ({
        [queries]: filled(t(queries), (i) => 0.5 + 0.001 * t(queries).data[i]),
        [keys]: filled(t(keys), (i) => -0.25 + 0.001 * t(keys).data[i]),
      }),
    ),
    draw('other-eps', 'an ε from the config', { has: all, config: { heads: 3, eps: 0.001 } }),
  ]
}

const eq2: readonly Recipe[] = [
  ...layer('stvit/eq2', 'input.S1', 'input.X', ['Ns', 'Ni']),
  drawn('stvit/eq2', 'residual-with-G', 'the authors’ residual, S1 + G', {
    lead: [2],
    sizes: { Ns: 3, Ni: 4, C: 6, rC: 6 },
    config: { heads: 2, residual: 'S1+G' },
  }),
  drawn(
    'stvit/eq2',
    'no-centres',
    'G = 0: queries are S1 alone',
    { lead: [], sizes: { Ns: 2, Ni: 3, C: 4, rC: 8 }, config: { heads: 2 } },
    (t) => ({
      'param.G': times(t('param.G'), 0),
    }),
  ),
]

const eq3Sizes = { Ns: 3, Ni: 4, C: 6 }
const eq3: readonly Recipe[] = [
  drawn('stvit/eq3', 'no-bias', 'weights alone', {
    lead: [],
    sizes: eq3Sizes,
    config: { heads: 2 },
    has: none,
  }),
  drawn('stvit/eq3', 'bias-once', 'the query bias belongs to A_s alone', {
    lead: [],
    sizes: eq3Sizes,
    config: { heads: 2 },
    has: all,
  }),
  drawn('stvit/eq3', 'batch', 'A_g has no batch of its own, but is repeated', {
    lead: [2],
    sizes: eq3Sizes,
    config: { heads: 3 },
    has: all,
  }),
  drawn('stvit/eq3', 'one-token', 'one semantic and one image token', {
    lead: [],
    sizes: { Ns: 1, Ni: 1, C: 4 },
    config: { heads: 1 },
  }),
  drawn('stvit/eq3', 'heads-of-one', 'heads of width 1', { lead: [], sizes: eq3Sizes, config: { heads: 6 } }),
  drawn(
    'stvit/eq3',
    'saturated',
    'logits of hundreds',
    { lead: [], sizes: eq3Sizes, config: { heads: 2 } },
    (t) => ({
      'input.S1': times(t('input.S1'), 64),
      'input.X': times(t('input.X'), 64),
    }),
  ),
]

const eq4Sizes = { kh: 3, kw: 3, C: 3, kd: 3, kc: 1 }
const eq4: readonly Recipe[] = [
  drawn('stvit/eq4', 'usual', 'a 3 × 3 window, kernels of 3 and 1', { lead: [], sizes: eq4Sizes, has: all }),
  drawn('stvit/eq4', 'one-place', 'a window of one token: the kernel sees only padding around it', {
    lead: [],
    sizes: { ...eq4Sizes, kh: 1, kw: 1 },
  }),
  drawn('stvit/eq4', 'oblong', 'rows and columns differ: a transposed window shows', {
    lead: [2],
    sizes: { ...eq4Sizes, kh: 2, kw: 5 },
  }),
  drawn('stvit/eq4', 'kernel-wider-than-window', 'a kernel of 5 on 2 × 3: padding on every side', {
    lead: [],
    sizes: { ...eq4Sizes, kh: 2, kw: 3, kd: 5, kc: 3 },
  }),
  drawn('stvit/eq4', 'no-bias', 'convolutions without bias', { lead: [], sizes: eq4Sizes, has: none }),
  drawn(
    'stvit/eq4',
    'tiny-variance',
    'channels that hardly differ: ε is seen',
    { lead: [], sizes: eq4Sizes, has: none },
    (t) => ({
      'input.X_w': times(t('input.X_w'), 0.001),
    }),
  ),
]

const kernels = { kd_intra: 3, kc_intra: 1, kd_inter: 3, kc_inter: 1 }
const eq5: readonly Recipe[] = [
  drawn('stvit/eq5', 'partition', 'ws divides H and W: a plain partition', {
    lead: [],
    sizes: { H: 4, W: 4, C: 3, ...kernels },
    config: { ws: 2 },
  }),
  drawn('stvit/eq5', 'overlapping', '5 × 7 into 2 × 2: windows of 3 × 4 that overlap, Kh ≠ Kw', {
    lead: [],
    sizes: { H: 5, W: 7, C: 2, ...kernels },
    config: { ws: 2 },
  }),
  drawn('stvit/eq5', 'one-window', 'ws = 1: the whole map is one window', {
    lead: [2],
    sizes: { H: 3, W: 2, C: 3, ...kernels },
    config: { ws: 1 },
  }),
  drawn('stvit/eq5', 'windows-of-one', 'ws = H: every softmax is 1', {
    lead: [],
    sizes: { H: 3, W: 3, C: 3, ...kernels },
    config: { ws: 3 },
  }),
  drawn('stvit/eq5', 'more-windows-than-rows', 'ws above H: windows repeat', {
    lead: [],
    sizes: { H: 2, W: 3, C: 2, ...kernels },
    config: { ws: 3 },
  }),
  drawn('stvit/eq5', 'wide-kernels', 'kernels of 5 and 3', {
    lead: [],
    sizes: { H: 4, W: 5, C: 2, kd_intra: 5, kc_intra: 3, kd_inter: 5, kc_inter: 3 },
    config: { ws: 2 },
  }),
  drawn(
    'stvit/eq5',
    'saturated',
    'mask logits of hundreds: one token takes the whole window',
    { lead: [], sizes: { H: 4, W: 4, C: 3, ...kernels }, config: { ws: 2 } },
    (t) => ({
      'param.intra.conv.weight': times(t('param.intra.conv.weight'), 256),
    }),
  ),
]

/** Golden recipes of STViT. */
export const stvitRecipes: readonly Recipe[] = [
  ...layer('stvit/eq1', 'input.P', 'input.X', ['Ns', 'Ni']),
  ...eq2,
  ...eq3,
  ...eq4,
  ...eq5,
  ...layer('stvit/eq6', 'input.X', 'input.S', ['Nx', 'Ns']),
]
