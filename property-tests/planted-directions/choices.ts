import type { Arithmetic } from '../../reference/arithmetic.ts'
import type { Value } from '../../reference/evaluator.ts'
import type { FullMask, FullSparse } from '../../reference/float32/full.ts'
import type { FullKinds } from '../../reference/float32/index.ts'
import { tensor, type Tensor } from '../../reference/tensor.ts'
import { map, type Planted } from './planted.ts'

type Rules = Arithmetic<FullKinds>

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
  ...(
    [
      ['masked', 10, 'dropped'],
      ['masked', 10, 'kept'],
      ['masked', 100, 'kept'],
      ['full', 10, 'dropped'],
      ['full', 10, 'kept'],
    ] as const
  ).map(([normalize, by, weights]): Planted => ({
    equation: 'sparsifiner/eq4',
    bug: `${by} taken off what is masked and its weights ${weights}, where the text normalises "${normalize}"`,
    id: `softmax/masked-by-${by}${weights === 'kept' ? '-kept' : ''}`,
    options: { config: { normalize }, sizes: { n: 12, d: 8 }, lead: [2], tensors: masks(by === 100) },
    rules: (base) => lowering(base, (z) => z - by, weights === 'kept'),
  })),
  ...(['dropped', 'kept'] as const).map((weights): Planted => ({
    equation: 'sparsifiner/eq4',
    bug: `the whole row's logits times the mask, and the weights of what is masked ${weights}`,
    id: `softmax/masked-to-0${weights === 'kept' ? '-kept' : ''}`,
    options: { config: { normalize: 'full' }, sizes: { n: 12, d: 8 }, lead: [2], tensors: masks(false) },
    rules: (base) => lowering(base, () => 0, weights === 'kept'),
  })),
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

/** What a mask leaves out is only lowered before the softmax; the logits that the runtime shows are the text's. */
function lowering(base: Rules, lowered: (z: number) => number, keeps: boolean): Partial<Rules> {
  const weigh = (mask: FullMask, logits: Tensor): FullSparse => {
    const p = base.softmax(map(logits, (z, i) => (mask.kept[i] === 1 ? z : lowered(z))))
    return keeps ? base.compress(p) : base.select(mask, p)
  }
  let logits: Tensor | undefined
  return {
    matmulAt: (mask, x, y) => {
      logits = base.matmulTransposed(x, y)
      return base.select(mask, logits)
    },
    sparseScale: (x, factor) => {
      logits = base.scale(logits ?? x.values, factor)
      return base.sparseScale(x, factor)
    },
    maskedSoftmax: (mask, x) => weigh(mask, logits ?? x.values),
    softmax: (x) => {
      logits = x
      return base.softmax(x)
    },
    select: (mask, x) => weigh(mask, logits ?? x),
  }
}

/** Two masks, of which one leaves a row out altogether where `empties`. */
function masks(empties: boolean): ReadonlyMap<string, Value> {
  const data = Uint8Array.from({ length: 2 * 12 * 12 }, (_, i) => Number((i * 7) % 5 < 3))
  if (empties) data.fill(0, 36, 48)
  return new Map([['input.M', { kind: 'mask', mask: { shape: [2, 12, 12], data } }]])
}
