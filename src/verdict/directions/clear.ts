import { lowChiSquare } from '../statistics/index.ts'
import { allowed, suspicion, type Fit } from './fit.ts'

/**
 * The share β of a direction in the errors, told from what legal functions may lean. d is taken without its parts along some leanings S
 * (the rest of a regression of d on them): then β = ⟨z,d_S⟩/⟨d_S,d_S⟩ is the same for the bug, and whatever leans along S is not in it.
 */
export interface Share {
  readonly beta: number
  /**
   * For a runtime that only rounds: from its β on draws of legal noise, with an upper 90 % confidence limit for so few draws, and never
   * below 1/‖d_S‖, that of independent noise of variance 1.
   */
  readonly standardError: number
  /** What of β the leanings that are not in S may make. */
  readonly allowance: number
  /** In how many elements d_S lives. */
  readonly elements: number
  /** Leanings that d was cleared of. */
  readonly cleared: number
}

/** What the errors of a runtime are held against besides directions: legal noise drawn, and what legal functions may lean. */
export interface Legal {
  readonly draws: readonly Float64Array[]
  /** What the rounding of the tensors that a runtime shows makes of those after them, if it went on with wider ones; drawn too. */
  readonly carried: readonly Float64Array[]
  /** Function by function: what one function may do at once adds up, several know nothing of one another. */
  readonly leanings: readonly Leaning[]
}

/** What one function may lean. */
export interface Leaning {
  readonly ways: readonly Float64Array[]
  /** Whether that is all it may, give or take a share of each way: else a direction cleared of them may still lean. */
  readonly isWhole: boolean
}

/** β that, if it can be seen without clearing anything, is little enough for nothing to be cleared: a tenth of the bug. */
const PLAIN = 0.1
/** How much less of β must be seen for one more leaning to be cleared. */
const WORTH = 0.95
/** Of a leaning, or of the direction, what must be left for it to be more than the others' rounding. */
const LEFT = 1e-6

/**
 * How the shares of directions are found. Leanings are cleared one after the other, each time the one without which the least β could be
 * seen, whatever the errors are: that choice never looks at z, and so cannot make an honest runtime look worse.
 */
export function shares(
  z: Float64Array,
  { draws, carried, leanings }: Legal,
): (d: Float64Array, some: Fit) => Share {
  const flat = leanings.flatMap(({ ways }) => ways.map(within))
  const clearable = leanings.flatMap(({ ways, isWhole }) => ways.map(() => isWhole))
  const errors = [z, ...draws, ...carried].map(within)
  const drawn = [draws.length, carried.length]
  const known = flat.map((g) => ({
    among: flat.map((other) => dot(g, other)),
    along: errors.map((e) => dot(e, g)),
  }))
  return (direction, { elements, snr }) => {
    const d = within(direction)
    const along = flat.map((g) => dot(g, d))
    const n = flat.length
    // one row a vector, the direction first: its products with all, with the errors, and what is left of the vector as a sum of all
    const rows = [
      Float64Array.from([snr * snr, ...along, ...errors.map((e) => dot(e, d)), ...unit(n + 1, 0)]),
      ...known.map((g, i) => Float64Array.from([along[i], ...g.among, ...g.along, ...unit(n + 1, i + 1)])),
    ]
    const sizes = rows.map((row, i) => row[i])
    const plain = shareIn(rows, leanings, drawn, elements)
    let best: { readonly rows: readonly Float64Array[]; readonly share: Found } = { rows, share: plain }
    const cleared = new Set<number>()
    while (reach(best.share) > PLAIN && cleared.size < n) {
      const tries = flat.flatMap((_, i) => {
        const at = i + 1
        if (!clearable[i] || cleared.has(at) || best.rows[at][at] <= LEFT * sizes[at]) return []
        const left = without(best.rows, at)
        return left[0][0] <= LEFT * sizes[0]
          ? []
          : [{ at, rows: left, share: shareIn(left, leanings, drawn, elements) }]
      })
      const [next] = tries.toSorted((a, b) => reach(a.share) - reach(b.share))
      if (next === undefined || reach(next.share) > WORTH * reach(best.share)) break
      cleared.add(next.at)
      best = next
    }
    if (cleared.size === 0) return { ...plain, elements, cleared: 0 }
    const parts = best.rows[0].subarray(1 + n + errors.length)
    return { ...best.share, elements: livesIn([d, ...flat], parts), cleared: cleared.size }
  }
}

type Found = Omit<Share, 'cleared'>

/** The least β that would be suspected. */
function reach({ allowance, standardError, elements }: Found): number {
  return allowance + suspicion(elements) * standardError
}

function shareIn(
  rows: readonly Float64Array[],
  leanings: Legal['leanings'],
  [draws, carried]: readonly number[],
  elements: number,
): Found {
  const [first] = rows
  const n = rows.length
  const [square] = first
  /** The variance of β in some of the draws. */
  const variance = (from: number, count: number): number =>
    count === 0
      ? 0
      : first.subarray(from, from + count).reduce((sum, product) => sum + (product / square) ** 2, 0) /
        lowChiSquare(count)
  const ofNoise = variance(n + 1, draws)
  const ofCarried = variance(n + 1 + draws, carried)
  let at = 1
  const most = leanings.map(({ ways }) => {
    const start = at
    at += ways.length
    return first.subarray(start, at)
  })
  return {
    beta: first[n] / square,
    standardError: draws === 0 ? Infinity : Math.sqrt(Math.max(1 / square, ofNoise) + ofCarried),
    allowance: allowed(most) / square,
    elements,
  }
}

/** Every vector without its part along one of them: a sweep of that column. */
function without(rows: readonly Float64Array[], pivot: number): Float64Array[] {
  const swept = rows[pivot]
  return rows.map((row, i) => {
    if (i === pivot) return row
    const factor = row[pivot] / swept[pivot]
    const left = Float64Array.from(row, (product, column) => product - factor * swept[column])
    left[pivot] = 0
    return left
  })
}

/** (Σd²)²/Σd⁴ of a sum of vectors. */
function livesIn(vectors: readonly Within[], parts: Float64Array): number {
  const [first] = vectors
  let [squares, fourths] = [0, 0]
  for (let at = 0; at < first.x.length; at++) {
    let value = 0
    for (let i = 0; i < parts.length; i++) if (parts[i] !== 0) value += parts[i] * vectors[i].x[at]
    squares += value ** 2
    fourths += value ** 4
  }
  return squares ** 2 / fourths
}

function unit(n: number, at: number): number[] {
  return Array.from({ length: n }, (_, i) => Number(i === at))
}

/** Where a vector is not 0: on the runtime's own tensors a bug moves few of them. */
interface Within {
  readonly x: Float64Array
  readonly from: number
  readonly to: number
}

function within(x: Float64Array): Within {
  const isSome = (value: number): boolean => value !== 0
  const from = x.findIndex(isSome)
  return { x, from: Math.max(0, from), to: from < 0 ? 0 : x.findLastIndex(isSome) + 1 }
}

/** ⟨a,b⟩ where both may be something. */
function dot(a: Within, b: Within): number {
  const [from, to] = [Math.max(a.from, b.from), Math.min(a.to, b.to)]
  let sum = 0
  for (let i = from; i < to; i++) sum += a.x[i] * b.x[i]
  return sum
}
