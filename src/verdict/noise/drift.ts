import type { Tensor } from '../../../reference/tensor.ts'
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
}

/** Explicit bits of float32's significand. */
const BITS = 23
/** Standard deviations of the drift of terms that are rounded anyhow, beyond which a row, or all together, drift by more than chance. */
const BEYOND = 2.5
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
    for (let way = 0; way < WAYS; way++) {
      // less the largest or not; at the end of the sum or in the middle
      const sum = (way < 2 ? 1 : Math.exp(logits[first])) / p[first]
      const ulp = 2 ** (Math.floor(Math.log2(sum)) - BITS - (way % 2))
      if (!(ulp > 0 && ulp < Infinity)) continue
      let drift = 0
      for (let i = start; i < start + width; i++) {
        const t = (p[i] * sum) / ulp
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
    together: isShared ? kept.reduce((sum, drift) => sum + drift, 0) / kept.length : 0,
  }
}
