import type { Value } from '../../reference/evaluator.ts'
import { tensor, type Tensor } from '../../reference/tensor.ts'
import { map, type Planted } from './planted.ts'

/** What `matmulAt` was given, kept between the steps of one evaluation. */
let whole: Tensor | undefined

/** Of choices. */
export const CHOICES: readonly Planted[] = [
  {
    equation: 'sparsifiner/eq2',
    bug: '≥ τ',
    id: 'choice/at-least',
    options: {
      config: { tau: 0.25 },
      tensors: new Map([['input.A_down', quarters()]]),
      sizes: { n: 4, m: 4 },
      lead: [],
    },
    rules: (base) => ({ threshold: (x, tau) => base.compress(map(x, (p) => (p < tau ? 0 : p))) }),
  },
  {
    equation: 'sparsifiner/eq3',
    bug: 'one more than the budget',
    id: 'option/budget=4',
    options: { config: { budget: 3 }, sizes: { n: 12, m: 8 } },
    rules: (base) => ({ topK: (x, budget) => base.topK(x, budget + 1) }),
  },
  {
    equation: 'sparsifiner/eq4',
    bug: 'softmax over the whole row',
    id: 'option/normalize=full',
    options: { config: { normalize: 'masked' }, sizes: { n: 12, d: 8 } },
    rules: (base) => ({
      matmulAt: (mask, x, y) => {
        whole = base.matmulTransposed(x, y)
        return base.select(mask, whole)
      },
      sparseScale: (x, factor) => {
        if (whole !== undefined) whole = base.scale(whole, factor)
        return base.sparseScale(x, factor)
      },
      maskedSoftmax: (mask, x) => base.select(mask, base.softmax(whole ?? x.values)),
    }),
  },
  {
    equation: 'sparsifiner/eq5',
    bug: 'the mask inverted',
    id: 'choice/inverted',
    rules: (base) => ({
      select: (mask, x) => base.select({ ...mask, kept: mask.kept.map((byte) => (byte === 0 ? 1 : 0)) }, x),
    }),
  },
]

/** Rows of which some are exactly τ = 1/4. */
function quarters(): Value {
  const data = Float32Array.of(
    0.25,
    0.25,
    0.25,
    0.25,
    0.5,
    0.25,
    0.125,
    0.125,
    0.75,
    0.25,
    0,
    0,
    0.5,
    0.5,
    0,
    0,
  )
  return { kind: 'dense', tensor: tensor(data, [4, 4]) }
}
