import type { Real } from '../tensor.ts'

/** A register block: `HEIGHT × WIDTH` outputs, each summed in its own scalar, in ascending order of p. */
const HEIGHT = 4
const WIDTH = 2
const TILE = HEIGHT * WIDTH
/** Terms a pass of the inner loop adds to each sum; the inner extent is filled up with zeros, which change no sum. */
const STEP = 2

/** At most about this many numbers of `a` are unpacked at a time, so that they stay in the cache. */
const PACKED = 1 << 18

/** Changes the numbers from `start` to `end`, the latter excluded, in place. */
export type InPlace = (x: Float64Array, start: number, end: number) => void

/** Scratch that grows and is kept: a product is synchronous, and calls nothing that multiplies. */
let panels = new Float64Array(0)
let sums = new Float64Array(0)

/**
 * `out[i,j] = Σ_p a[i,p]·b[p,j] (+ bias[j])`: in float64, in ascending order of p, the bias last, rounded once on store.
 *
 * `a [n, k]`, `b [k, m]`, or `[m, k]` where `transposed`, `out [n, m]`, all row-major from their starts; `bias [m]`.
 * `out` may not overlap the operands. Nothing is checked.
 * @param ofB f of `Σ_p a[i,p]·f(b[p,j])`, element by element, f(0) = 0; b itself where it is left out. What is made of
 *   b costs nothing here, in the cache
 */
export function product(
  out: Real,
  outStart: number,
  a: Real,
  aStart: number,
  b: Real,
  bStart: number,
  n: number,
  k: number,
  m: number,
  transposed: boolean,
  bias?: Real,
  ofB?: InPlace,
): void {
  const depth = Math.ceil(k / STEP) * STEP
  const most = Math.min(
    Math.ceil(n / HEIGHT),
    Math.max(1, Math.floor(PACKED / (HEIGHT * Math.max(depth, 1)))),
  )
  // both operands in one array: V8 checks and addresses one array faster than two
  const right = most * HEIGHT * depth
  if (panels.length < right + WIDTH * depth) panels = new Float64Array(right + WIDTH * depth)
  if (sums.length < most * TILE) sums = new Float64Array(most * TILE)

  for (let i = 0; i < n; i += most * HEIGHT) {
    const height = Math.min(most * HEIGHT, n - i)
    const blocks = Math.ceil(height / HEIGHT)
    for (let block = 0; block < blocks; block++) {
      const first = block * HEIGHT
      packRows(first * depth, HEIGHT, a, aStart + (i + first) * k, Math.min(HEIGHT, height - first), k, depth)
    }
    for (let j = 0; j < m; j += WIDTH) {
      const width = Math.min(WIDTH, m - j)
      if (transposed) packRows(right, WIDTH, b, bStart + j * k, width, k, depth)
      else packColumns(right, b, bStart + j, m, width, k, depth)
      ofB?.(panels, right, right + WIDTH * depth)
      multiplyPanels(sums, panels, right, depth, blocks)
      store(out, outStart + i * m + j, m, height, width, bias, j)
    }
  }
}

/** `panels[start + p·size + r] = x[r, p]` for `count` rows of k; what is left of `size` rows of `depth` is zero. */
function packRows(
  start: number,
  size: number,
  x: Real,
  xStart: number,
  count: number,
  k: number,
  depth: number,
): void {
  for (let r = 0; r < size; r++) {
    const from = xStart + r * k
    const held = r < count ? k : 0
    let to = start + r
    for (let p = 0; p < held; p++, to += size) panels[to] = x[from + p]
    for (let p = held; p < depth; p++, to += size) panels[to] = 0
  }
}

/** `panels[start + p·WIDTH + c] = x[p, c]` for `count` columns of rows of `stride`; the rest is zero. */
function packColumns(
  start: number,
  x: Real,
  xStart: number,
  stride: number,
  count: number,
  k: number,
  depth: number,
): void {
  let to = start
  let from = xStart
  for (let p = 0; p < k; p++, to += WIDTH, from += stride) {
    panels[to] = x[from]
    panels[to + 1] = count > 1 ? x[from + 1] : 0
  }
  panels.fill(0, to, start + WIDTH * depth)
}

/**
 * The sums of `blocks` panels of a against the panel of b that starts at `right`. Sees only float64, so that one
 * compilation serves all storages.
 */
function multiplyPanels(
  tiles: Float64Array,
  packed: Float64Array,
  right: number,
  depth: number,
  blocks: number,
): void {
  let ia = 0
  for (let block = 0; block < blocks; block++) {
    let ib = right
    let s00 = 0
    let s01 = 0
    let s10 = 0
    let s11 = 0
    let s20 = 0
    let s21 = 0
    let s30 = 0
    let s31 = 0
    for (let p = 0; p < depth; p += STEP) {
      const a0 = packed[ia]
      const a1 = packed[ia + 1]
      const a2 = packed[ia + 2]
      const a3 = packed[ia + 3]
      const b0 = packed[ib]
      s00 += a0 * b0
      s10 += a1 * b0
      s20 += a2 * b0
      s30 += a3 * b0
      const b1 = packed[ib + 1]
      s01 += a0 * b1
      s11 += a1 * b1
      s21 += a2 * b1
      s31 += a3 * b1
      const c0 = packed[ia + 4]
      const c1 = packed[ia + 5]
      const c2 = packed[ia + 6]
      const c3 = packed[ia + 7]
      const d0 = packed[ib + 2]
      s00 += c0 * d0
      s10 += c1 * d0
      s20 += c2 * d0
      s30 += c3 * d0
      const d1 = packed[ib + 3]
      s01 += c0 * d1
      s11 += c1 * d1
      s21 += c2 * d1
      s31 += c3 * d1
      ia += HEIGHT * STEP
      ib += WIDTH * STEP
    }
    const tile = block * TILE
    tiles[tile] = s00
    tiles[tile + 1] = s01
    tiles[tile + 2] = s10
    tiles[tile + 3] = s11
    tiles[tile + 4] = s20
    tiles[tile + 5] = s21
    tiles[tile + 6] = s30
    tiles[tile + 7] = s31
  }
}

/** Rounds `height` rows of `width` out of the sums, whose tiles hold row r at `r·WIDTH`, with the bias from j on. */
function store(
  out: Real,
  outStart: number,
  stride: number,
  height: number,
  width: number,
  bias: Real | undefined,
  j: number,
): void {
  for (let c = 0; c < width; c++) {
    let to = outStart + c
    if (bias === undefined) {
      for (let r = 0; r < height; r++, to += stride) out[to] = sums[r * WIDTH + c]
    } else {
      const added = bias[j + c]
      for (let r = 0; r < height; r++, to += stride) out[to] = sums[r * WIDTH + c] + added
    }
  }
}
