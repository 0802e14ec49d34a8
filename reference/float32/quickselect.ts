/** Where selections say how many comparisons of values they made. */
export interface Effort {
  comparisons: number
}

/** Pivots are medians of three until a selection has made PATIENCE comparisons a value, then medians of medians. */
const PATIENCE = 6

/**
 * The value that would stand at `rank` (from 0) if the first `count` of `x` were sorted from the largest down. Rearranges
 * them so that none before `rank` is smaller, and none after it larger. No NaN. Linear in `count`, also in the worst case.
 */
export function quickselect(x: Float64Array, count: number, rank: number, effort: Effort): number {
  return selectBetween(x, 0, count - 1, rank, effort, effort.comparisons + PATIENCE * count)
}

/** Quickselect on `x[low … high]`; pivots come from medians of medians once `effort` has passed `limit`. */
function selectBetween(
  x: Float64Array,
  low: number,
  high: number,
  rank: number,
  effort: Effort,
  limit: number,
): number {
  while (low < high) {
    const pivot =
      effort.comparisons > limit
        ? medianOfMedians(x, low, high, effort)
        : medianOfThree(x[low], x[(low + high) >>> 1], x[high])
    // each value meets the pivot once, the two where the scans cross twice; three for the median
    effort.comparisons += high - low + 6
    let i = low
    let j = high
    while (i <= j) {
      while (x[i] > pivot) i++
      while (x[j] < pivot) j--
      if (i > j) break
      // equal values are swapped too, which halves a run of them
      const swapped = x[i]
      x[i++] = x[j]
      x[j--] = swapped
    }
    if (rank <= j) high = j
    else if (rank >= i) low = i
    else return pivot
  }
  return x[rank]
}

function medianOfThree(a: number, b: number, c: number): number {
  if (a < b) return b < c ? b : a < c ? c : a
  return a < c ? a : b < c ? c : b
}

/** A value that at least about 3/10 of `x[low … high]` are above, and as many below. */
export function medianOfMedians(x: Float64Array, low: number, high: number, effort: Effort): number {
  let medians = 0
  for (let from = low; from <= high; from += 5) {
    const to = Math.min(from + 4, high)
    sortDown(x, from, to, effort)
    const middle = (from + to) >>> 1
    const median = x[middle]
    x[middle] = x[low + medians]
    x[low + medians++] = median
  }
  return selectBetween(x, low, low + medians - 1, low + (medians >>> 1), effort, 0)
}

/** Insertion sort, for a handful. */
function sortDown(x: Float64Array, from: number, to: number, effort: Effort): void {
  for (let i = from + 1; i <= to; i++) {
    const value = x[i]
    let j = i
    effort.comparisons++
    while (j > from && x[j - 1] < value) {
      x[j] = x[j - 1]
      j--
      effort.comparisons++
    }
    x[j] = value
  }
}
