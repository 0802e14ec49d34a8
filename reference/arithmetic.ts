import type { Composite, Composites } from './composites.ts'
import type { Shape } from './tensor.ts'

/** What an arithmetic computes with: a dense array, rows of which only some places exist, and the places themselves. */
export interface Kinds {
  readonly Dense: unknown
  /** `[.., n, m]` of which each row holds some columns; the places not held are exact zeros. */
  readonly Sparse: unknown
  /** `[.., n, m]` of zeros and ones. */
  readonly Mask: unknown
}

/** The windows of a map: where they start along each axis, and their common size. See `layers/windows.ts`. */
export interface Windows {
  readonly rows: readonly number[]
  readonly columns: readonly number[]
  readonly height: number
  readonly width: number
}

/** Bins of a map along each axis, `[start, end)`; they may overlap. See `layers/adaptive-bins.ts`. */
export interface Bins {
  readonly rows: readonly (readonly [number, number])[]
  readonly columns: readonly (readonly [number, number])[]
}

/**
 * The primitives: the closed list of what an equation may do. An equation is written once over this interface; what
 * running it means (reference, truth, noise, GPU …) is the business of whoever implements it. An implementation is a
 * total table, so a new primitive that some arithmetic does not know does not compile.
 *
 * Leading dimensions written `..` are batch. Where two operands differ in rank, the leading dimensions of the shorter
 * must be a suffix of the other's, and it is shared by the rest: `G [Ns, C]` is added to every `S1 [.., Ns, C]`.
 * Axes may be negative, counted from the end.
 *
 * @throws ShapeError from every primitive whose operands do not fit
 */
export interface Arithmetic<K extends Kinds> {
  // --- places: nothing is computed, nothing is rounded ---
  shape(x: K['Dense']): Shape
  reshape(x: K['Dense'], shape: Shape): K['Dense']
  swapAxes(x: K['Dense'], axis: number, other: number): K['Dense']
  concat(xs: readonly K['Dense'][], axis: number): K['Dense']
  /** The places `start` to `end`, the latter excluded, of one axis. */
  slice(x: K['Dense'], axis: number, start: number, end: number): K['Dense']
  /** `[.., H, W, C]` → `[.., rows·columns, height, width, C]`, windows in row-major order. */
  windows(x: K['Dense'], windows: Windows): K['Dense']

  // --- element by element ---
  add(x: K['Dense'], y: K['Dense']): K['Dense']
  subtract(x: K['Dense'], y: K['Dense']): K['Dense']
  multiply(x: K['Dense'], y: K['Dense']): K['Dense']
  /** `w ⊙ x`, where a zero weight gives exactly 0, also against −∞: 0·log 0 = 0. */
  weigh(w: K['Dense'], x: K['Dense']): K['Dense']
  scale(x: K['Dense'], factor: number): K['Dense']
  exp(x: K['Dense']): K['Dense']
  /** `x·Φ(x)`, with erf. */
  gelu(x: K['Dense']): K['Dense']

  // --- reductions: over the last axis, which goes, or over everything, which leaves shape [] ---
  sum(x: K['Dense'], over: 'last' | 'all'): K['Dense']
  mean(x: K['Dense'], over: 'last' | 'all'): K['Dense']

  /** `[.., H, W, C]` → `[.., rows, columns, C]`: the mean or the largest of each bin, channel by channel. */
  pool(x: K['Dense'], bins: Bins, reduction: 'mean' | 'max'): K['Dense']

  // --- sums of products ---
  /** `[.., n, k] × [.., k, m]` → `[.., n, m]`. */
  matmul(x: K['Dense'], y: K['Dense']): K['Dense']
  /** `x yᵀ`: `[.., n, k] × [.., m, k]` → `[.., n, m]`. */
  matmulTransposed(x: K['Dense'], y: K['Dense']): K['Dense']
  /** `x Wᵀ + b`: x `[.., in]`, W `[out, in]`, b `[out]`. */
  linear(x: K['Dense'], weight: K['Dense'], bias?: K['Dense']): K['Dense']
  /**
   * Cross-correlation over the two axes before the last, stride 1, zero padding (k − 1)/2:
   * x `[.., H, W, C]`, weight `[o, C/groups, kh, kw]`, bias `[o]` → `[.., H, W, o]`.
   */
  convolve(x: K['Dense'], weight: K['Dense'], bias: K['Dense'] | undefined, groups: number): K['Dense']

  // --- along the last axis ---
  softmax(x: K['Dense']): K['Dense']
  logSoftmax(x: K['Dense']): K['Dense']
  /** `(x − μ)/√(σ² + eps)·weight + bias`, biased variance. */
  layerNorm(x: K['Dense'], weight: K['Dense'], bias: K['Dense'], eps: number): K['Dense']

  // --- sparse rows ---
  /** Drops exact zeros. */
  compress(x: K['Dense']): K['Sparse']
  /** Fills what is not held with zeros. */
  expand(x: K['Sparse']): K['Dense']
  /** Holds what is strictly greater than `tau`, itself rounded to float32 first. */
  threshold(x: K['Dense'], tau: number): K['Sparse']
  /** Holds what is strictly greater than `t` (rounded to float32 first) in magnitude. */
  thresholdMagnitude(x: K['Dense'], t: number): K['Sparse']
  /** `[.., n, k] × [.., k, m]` → `[.., n, m]`, work in proportion to the products of held entries. */
  sparseMatmul(x: K['Sparse'], y: K['Sparse']): K['Sparse']
  /**
   * In each row the `budget` largest, zeros not held taking part, the lower column first among equals; of these, exact
   * zeros are dropped.
   */
  topK(x: K['Sparse'], budget: number): K['Mask']
  /** The entries of `x yᵀ` at the kept places: x `[.., n, k]`, y `[.., m, k]`, mask `[.., n, m]`. */
  matmulAt(mask: K['Mask'], x: K['Dense'], y: K['Dense']): K['Sparse']
  sparseScale(x: K['Sparse'], factor: number): K['Sparse']
  /** Softmax over the kept entries of each row alone, one not held being 0; a row that keeps none stays empty. */
  maskedSoftmax(mask: K['Mask'], x: K['Sparse']): K['Sparse']
  /** `M ⊙ x`. */
  select(mask: K['Mask'], x: K['Dense']): K['Sparse']
  /** `[.., n, m] × [.., m, d]` → `[.., n, d]`, work in proportion to the held entries. */
  sparseMatmulDense(x: K['Sparse'], y: K['Dense']): K['Dense']

  // --- names ---
  /**
   * Says that `body` is the composite `name` of these operands. Whoever can compute it in one go may do so where nothing that `body`
   * exposes is wanted; for everyone else it is what `body` gives.
   */
  composite<N extends Composite>(
    name: N,
    operands: Composites<K>[N]['operands'],
    body: () => Composites<K>[N]['result'],
  ): Composites<K>[N]['result']
  /** Names exposed by `body` are prefixed with `name` and a dot. */
  scope<T>(name: string, body: () => T): T
  /** Gives a tensor its name in the contract. An equation goes on with what is returned, never with what it passed. */
  expose(name: string, x: K['Dense']): K['Dense']
  exposeSparse(name: string, x: K['Sparse']): K['Sparse']
  exposeMask(name: string, x: K['Mask']): K['Mask']
}

/** The name of a primitive. */
export type Primitive = keyof Arithmetic<Kinds>

/** An arithmetic with some rules replaced: a mutant, a named direction, an instrumented kernel. */
export function withRule<K extends Kinds>(
  arithmetic: Arithmetic<K>,
  rules: Partial<Arithmetic<K>>,
): Arithmetic<K> {
  return { ...arithmetic, ...rules }
}
