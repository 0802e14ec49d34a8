const stvit = (...numbers: readonly number[]): string[] => numbers.map((n) => `stvit/eq${n}`)
const sparsifiner = (...numbers: readonly number[]): string[] => numbers.map((n) => `sparsifiner/eq${n}`)

/** The transformer layers. */
export const LAYERS: readonly string[] = stvit(1, 2, 6)
/** STViT's equations with attention. */
export const CROSS: readonly string[] = stvit(1, 2, 3, 6)
/** The pooling masks. */
export const POOLING: readonly string[] = stvit(4, 5)
/** Where a LayerNorm or a GELU stands. */
export const NORMED: readonly string[] = stvit(1, 2, 4, 5, 6)
/** Where a softmax stands that weighs something. */
export const SOFTMAX: readonly string[] = [...stvit(1, 2, 3, 5, 6), ...sparsifiner(1, 4)]
/** Where logits carry a scale. */
export const SCALED: readonly string[] = [...stvit(1, 2, 3, 6), ...sparsifiner(1, 4)]
/** Where products are summed. */
export const PRODUCTS: readonly string[] = [...stvit(1, 2, 3, 4, 5, 6), ...sparsifiner(1, 3, 4, 6, 10)]
/** Losses that sum many terms. */
export const SUMMED_LOSSES: readonly string[] = sparsifiner(7, 8, 9, 10, 11)
/** Losses of logits. */
export const LOGIT_LOSSES: readonly string[] = sparsifiner(7, 9)
/** Losses of squares. */
export const SQUARED_LOSSES: readonly string[] = sparsifiner(8, 10, 11)

/** One equation. */
export const ONE: Readonly<Record<Name, readonly string[]>> = {
  layer1: stvit(1),
  layer2: stvit(2),
  split: stvit(3),
  intra: stvit(4),
  inter: stvit(5),
  recovery: stvit(6),
  lowRank: sparsifiner(1),
  threshold: sparsifiner(2),
  connectivity: sparsifiner(3),
  sparse: sparsifiner(4),
  masked: sparsifiner(5),
  values: sparsifiner(6),
  classification: sparsifiner(7),
  token: sparsifiner(8),
  prediction: sparsifiner(9),
  distillation: sparsifiner(10),
  sparsity: sparsifiner(11),
  total: sparsifiner(12),
}

type Name =
  | 'layer1'
  | 'layer2'
  | 'split'
  | 'intra'
  | 'inter'
  | 'recovery'
  | 'lowRank'
  | 'threshold'
  | 'connectivity'
  | 'sparse'
  | 'masked'
  | 'values'
  | 'classification'
  | 'token'
  | 'prediction'
  | 'distillation'
  | 'sparsity'
  | 'total'
