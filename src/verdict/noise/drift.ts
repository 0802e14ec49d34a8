import type { Real, Tensor } from '../../../reference/tensor.ts'
import { onceOfTwo } from './once.ts'

/**
 * What summing drifts to where terms are nearly alike: then each is rounded as the others are, and errors add up instead of averaging out. Attention to
 * tokens that hardly differ (a sky, a wall) has terms e^(x − max) just below 1, and a sum that stands at 200 makes 1 of each.
 */
export interface Drift {
  /** By row, how far off the sum of its powers may come, relative; 0 where terms are rounded this way and that. */
  readonly byRow: Float64Array
  /** The largest of them. */
  readonly most: number
  /** What all rows share, if they drift one way. */
  readonly together: number
  /** Whether they do so by much more than chance. */
  readonly isTogether: boolean
}

/** Explicit bits of float32's significand. */
const BITS = 23
/** Standard deviations of the drift of terms that are rounded anyhow, beyond which a row, or all together, drift by more than chance. */
const BEYOND = 2.5
/** The same where far more is made of it: a row in a thousand, or a tensor, is there by chance. */
const FAR_BEYOND = 4
/** Terms before a grid that they lie on says anything of their sum. */
const MANY = 16
/** Ways to sum that are looked at. */
const WAYS = 4

const known = onceOfTwo<Drift>()

/**
 * The drift of the denominators of softmax p of logits z, whose terms are e^(z − max), or e^z where a runtime takes no maximum off: Σ(round(t/U)·U − t) over Σt, U being the ULP of
 * Σt, or half of it, which is where a sum of them in any order spends most of its steps; the largest of these. Of terms that differ by more than U it is √(n/12)·U, the
 * roundings that are counted as noise anyhow.
 */
export function softmaxDrift(z: Tensor, p: Tensor): Drift {
  return known(p, z, () => driftOf(z, p))
}

function driftOf({ data: logits }: Tensor, { data: p, shape }: Tensor): Drift {
  const width = Math.max(1, shape.at(-1) ?? 1)
  const byRow = new Float64Array(Math.ceil(p.length / width))
  const isOwn = byRow.map(() => 0)
  // over rows, of each way to sum: what all drift to, and what would be chance
  const [totals, squares] = [new Float64Array(WAYS), new Float64Array(WAYS)]
  for (let row = 0; row < byRow.length; row++) {
    const start = row * width
    let [first, n] = [start, 0]
    for (let i = start; i < start + width; i++) {
      if (p[i] > 0) n++
      if (p[i] > p[first]) first = i
    }
    if (!(p[first] > 0) || n < 2) continue
    const q = asStored(logits, p, start, width, first)
    const largest = q[first - start]
    for (let way = 0; way < WAYS; way++) {
      // less the largest or not; at the end of the sum or in the middle
      const sum = (way < 2 ? 1 : Math.exp(logits[first])) / largest
      const ulp = 2 ** (Math.floor(Math.log2(sum)) - BITS - (way % 2))
      if (!(ulp > 0 && ulp < Infinity)) continue
      let drift = 0
      for (let i = 0; i < width; i++) {
        const t = (q[i] * sum) / ulp
        drift += Math.round(t) - t
      }
      const relative = (drift * ulp) / sum
      const chance = (Math.sqrt(n / 12) * ulp) / sum
      totals[way] += relative
      squares[way] += chance * chance
      byRow[row] = Math.max(byRow[row], Math.abs(relative))
      if (Math.abs(relative) > BEYOND * chance) isOwn[row] = 1
    }
  }
  const isShared = totals.some((total, way) => Math.abs(total) > BEYOND * Math.sqrt(squares[way]))
  const kept = byRow.map((drift, row) => (isShared || isOwn[row] === 1 ? drift : 0))
  return {
    byRow: kept,
    most: kept.reduce((most, drift) => Math.max(most, drift), 0),
    isTogether: totals.some((total, way) => Math.abs(total) > FAR_BEYOND * Math.sqrt(squares[way])),
    together: isShared ? kept.reduce((sum, drift) => sum + drift, 0) / kept.length : 0,
  }
}

/**
 * A row of p, of logits as float32 has them where that matters: large ones lie on a grid, and so do powers just below 1, as far as the first order of e^x goes. The second is
 * then rounded one way.
 */
function asStored(z: Real, p: Real, start: number, width: number, first: number): Real {
  let size = 0
  for (let i = start; i < start + width; i++) if (p[i] > 0) size = Math.max(size, Math.abs(z[i]))
  // a grid of logits as coarse as an eighth of the ULP of the sum
  const terms = 1 / p[first]
  if (terms < MANY || size * 8 < terms) return p.subarray(start, start + width)
  const max = Math.fround(z[first])
  const powers = Float64Array.from({ length: width }, (_, i) =>
    p[start + i] > 0 ? Math.exp(Math.fround(z[start + i]) - max) : 0,
  )
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}

/** What the sums of rows drift to, absolutely, and whether they do so together, all to one side. */
export interface SumDrift {
  readonly byRow: Float64Array
  readonly isTogether: boolean
}

/**
 * The same of sums of any terms t, `n` to a row: Σ(round(t/U)·U − t), U the ULP of the sum or half of it. Of a cross-entropy with a smoothed target the terms of all classes but one are
 * alike as long as the logits are.
 */
export function sumDrift({ data: terms, size }: Tensor, n: number): SumDrift {
  const drifts = new Float64Array(Math.floor(size / n))
  const isOwn = new Uint8Array(drifts.length)
  const [totals, squares] = [new Float64Array(2), new Float64Array(2)]
  for (let row = 0; row < drifts.length; row++) {
    let [sum, held] = [0, 0]
    for (let i = row * n; i < (row + 1) * n; i++) {
      sum += terms[i]
      if (terms[i] !== 0) held++
    }
    for (let way = 0; way < 2; way++) {
      const ulp = 2 ** (Math.floor(Math.log2(Math.abs(sum))) - BITS - way)
      if (!(ulp > 0 && ulp < Infinity)) continue
      let drift = 0
      for (let i = row * n; i < (row + 1) * n; i++) {
        const t = terms[i] / ulp
        const off = Math.round(t) - t
        // half-way goes either way, to the even one
        if (off !== 0.5) drift += off
      }
      const chance = Math.sqrt(held / 12)
      totals[way] += drift * ulp
      squares[way] += (chance * ulp) ** 2
      drifts[row] = Math.max(drifts[row], Math.abs(drift * ulp))
      if (Math.abs(drift) > FAR_BEYOND * chance) isOwn[row] = 1
    }
  }
  const isTogether =
    drifts.length > 1 && totals.some((total, way) => Math.abs(total) > FAR_BEYOND * Math.sqrt(squares[way]))
  return { byRow: drifts.map((drift, row) => (isTogether || isOwn[row] === 1 ? drift : 0)), isTogether }
}
