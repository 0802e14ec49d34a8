import { deviationsOf, median, rms, type Deviations, type Errors } from './deviations.ts'
import { lane, NOTHING, slope } from './gains.ts'
import { linesOf, type Lines } from './lines.ts'
import { largestOf, statistic, UNIT, type Statistic } from './statistic.ts'
import { largestOf as mostOf, thresholds } from './thresholds.ts'

/** Rows (columns) of at least so many elements, and so many of them, before one may stand out. */
const LINES = { count: 16, length: 32 }
/** The fewer elements a ratio is made of, the higher its threshold: by 1 + FEW/n of n elements, of a line or of all. */
const [FEW_IN_LINE, FEW_ELEMENTS] = [16, 256]
/** An element, a line that stands out among others that are nearly exact must be off by as much as noise goes itself. */
const [OFF, FAR_OFF, LINE_OFF] = [6, 8, 3]
/** Tensors of which no element is larger may have been flushed on the way: the root of what is flushed in a product. */
const FLUSHED = 2 ** -60
/** Deviations of what a row may share by right that its sum may be off. */
const ROW = 10
/** Elements before the largest 1 % can be left out and the rest still says what is usual. */
const ELEMENTS_FOR_OUTLIER = 512

/**
 * The statistics that a tensor is large enough for, in the order of the table. Elements that are not judged, whose noise is unknown,
 * or where no rounding can happen take no part, unless they are off there; of a tensor without any others there are no statistics.
 */
export function statisticsOf(errors: Errors): Statistic[] {
  const deviations = deviationsOf(errors)
  const { z, impossible } = deviations
  if (z.length === 0) return impossible === 0 ? [] : [largest(deviations)]
  // down there flushing pulls every element towards 0, and nothing but single elements says anything
  if (isMinute(errors, deviations)) return [largest(deviations)]
  const squares = z.slice()
  for (let at = 0; at < squares.length; at++) squares[at] *= squares[at]
  const { rows, columns } = linesOf(errors.shape, errors.v.length, squares, deviations.index)
  const most = largest(deviations)
  const others = [
    outlier(errors, deviations, rows),
    standingOut(errors, 'row', rows),
    // a column of a GELU's may lie on one stretch of erf's curve, which goes as it likes there
    errors.kind === 'gelu' ? undefined : standingOut(errors, 'column', columns),
  ]
  const sums = rowSums(errors, deviations)
  // what elements share takes evaluations: asked only where the verdict hangs on it
  const isSuspect = [most, ...others, ...sums].some((one) => one?.verdict === 'suspect')
  const asked = isSuspect ? { ...errors, shared: () => NOTHING } : errors
  return [
    rootMeanSquare(asked, deviations, rows),
    most,
    ...others,
    slope(asked, deviations),
    lane(asked, deviations),
    ...sums,
  ].filter((one) => one !== undefined)
}

function isMinute({ v, s }: Errors, { index }: Deviations): boolean {
  return index.every((i) => Math.max(Math.abs(v[i]), s[i] / UNIT) < FLUSHED)
}

/**
 * Root mean square of z. Of n elements in r rows it is suspect above √(1.35² + min(16, 2·14²/n) + 3/r): two elements (a
 * LayerNorm over two channels) may lie at the largest |z| that is not suspect, as far as few elements ever do, and what
 * a row shares (a sum, a mean, an rsqrt) may be off as far as uniform errors go, √3, before other rows average it out.
 * Where that would suspect, a curve of erf is allowed besides. One element is the business of the largest alone.
 */
function rootMeanSquare(
  { kind, s, shared }: Errors,
  { z, index, different }: Deviations,
  { counts }: Lines,
): Statistic | undefined {
  if (different < 2) return undefined
  const rows = Math.min(different, counts.filter((count) => count > 0).length)
  const small = Math.min(thresholds.few, (2 * thresholds.largest.most ** 2) / different) + 3 / rows
  const value = rms(z)
  const limit = Math.hypot(kind === 'gelu' ? thresholds.rms.gelu : thresholds.rms.dense, Math.sqrt(small))
  const { curves } = value > limit && shared !== undefined ? shared() : NOTHING
  const bent = largestOf(curves.map((e) => rms(Array.from(index, (i) => e[i] / s[i]))))
  return statistic(
    'rms',
    value,
    bent < Infinity ? Math.hypot(limit, bent) : limit,
    (found, most) =>
      `errors are ${found} times rounding noise (RMS over ${z.length} elements; ${most} is suspect)`,
    Math.hypot(thresholds.grossRms, Math.sqrt(small)),
  )
}

/** max |z|, which grows with the number of elements. Infinite where an element is off that cannot be. */
function largest({ z, impossible, different }: Deviations): Statistic {
  const most = impossible > 0 ? Infinity : largestOf(z)
  return statistic(
    'largest',
    most,
    mostOf(different),
    (value, limit) =>
      impossible > 0
        ? `${impossible} elements are not finite, or off where no rounding can happen`
        : `the largest error is ${value} standard deviations of rounding noise (${limit} is suspect)`,
    thresholds.gross,
  )
}

/**
 * max |z| over the RMS of all but the largest 1 %, or of the other elements of its row where that is larger: one element that is off among
 * many that are not. Rows differ: a token of few large channels sums otherwise than the others. A row too short to say so must be further
 * off by itself.
 */
function outlier(
  { kind, shape }: Errors,
  { z, index, different }: Deviations,
  rows: Lines,
): Statistic | undefined {
  if (different < ELEMENTS_FOR_OUTLIER) return undefined
  let worst = 0
  for (let at = 1; at < z.length; at++) if (Math.abs(z[at]) > Math.abs(z[worst])) worst = at
  const most = Math.abs(z[worst])
  const row = Math.floor(index[worst] / Math.max(1, shape.at(-1) ?? 1))
  const others = rows.counts[row] - 1
  const inRow = Math.sqrt(Math.max(0, rows.sums[row] - most ** 2) / Math.max(1, others))
  const isLong = others >= LINES.count
  return statistic(
    'outlier',
    most < (isLong ? OFF : FAR_OFF) ? 0 : most / Math.max(thresholds.floor, usualOf(z), isLong ? inRow : 0),
    (kind === 'softmax' ? thresholds.outlier.softmax : thresholds.outlier.dense) *
      (1 + FEW_ELEMENTS / z.length),
    (value, limit) =>
      `the largest error is ${value} times what is usual in this tensor (${limit} is suspect)`,
  )
}

/** The RMS of all but the largest 1 %. */
function usualOf(z: Float64Array): number {
  const ascending = z.slice()
  for (let at = 0; at < ascending.length; at++) ascending[at] = Math.abs(ascending[at])
  ascending.sort()
  return rms(ascending.subarray(0, Math.ceil(0.99 * z.length)))
}

/**
 * The largest RMS of a row (last axis) or column over the median of them; needs 16 of 32 elements each.
 * @param lines with sums of z²
 */
function standingOut(
  { kind: made }: Errors,
  kind: 'row' | 'column',
  { counts, sums }: Lines,
): Statistic | undefined {
  const long = [...counts.keys()].filter((line) => counts[line] >= LINES.length)
  if (long.length < LINES.count) return undefined
  const size = (line: number): number => Math.sqrt(sums[line] / counts[line])
  const usual = Math.max(thresholds.floor, median(long.map(size)))
  const worst = long.reduce((most, line) => (size(line) > size(most) ? line : most))
  const row = made === 'softmax' ? thresholds.row.softmax : thresholds.row.dense
  return statistic(
    kind,
    size(worst) < LINE_OFF ? 0 : size(worst) / usual,
    (kind === 'row' ? row : thresholds.column) * (1 + FEW_IN_LINE / counts[worst]),
    (value, limit) =>
      `${kind} ${worst} is ${value} times as far off as the median ${kind} (${limit} is suspect)`,
  )
}

/**
 * Of softmax outputs, |mean over rows of Σ p − 1| and the largest, in u; Σ e stands for Σ p − 1, which it is but for what a mask
 * took away after the softmax. The mean of r rows is suspect above 3 + 27/√r: of one row it is that row.
 */
function rowSums({ s, shape, kind, inRow = 0 }: Errors, { z, index }: Deviations): Statistic[] {
  if (kind !== 'softmax') return []
  const errors = z.map((value, at) => value * s[index[at]])
  const { rows } = linesOf(shape, s.length, errors, index)
  const sums = rows.sums.filter((_, line) => rows.counts[line] > 0)
  const mean = sums.reduce((total, sum) => total + sum, 0) / sums.length
  const { meanRowSum, rowSum } = thresholds
  const byRight = (ROW * inRow) / UNIT
  return [
    statistic(
      'mean-row-sum',
      Math.abs(mean) / UNIT,
      meanRowSum + (rowSum - meanRowSum) / Math.sqrt(sums.length) + byRight,
      (value, limit) => `rows sum to 1 ± ${value} u on average (${limit} u is suspect)`,
    ),
    statistic(
      'row-sum',
      largestOf(sums) / UNIT,
      rowSum + byRight,
      (value, limit) => `a row sums to 1 ± ${value} u (${limit} u is suspect)`,
    ),
  ]
}
