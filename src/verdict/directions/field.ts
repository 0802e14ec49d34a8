import type { MaskArray, Value } from '../../../reference/evaluator.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import type { Exposures } from './tape.ts'
import { energy } from './fit.ts'
import { FLUSH, UNIT } from './units.ts'

/** What a judge says of one exposed tensor: truth on the runtime's own upstream. */
export interface Known {
  /** Float64 truth; a mask has none. */
  readonly v?: Tensor
  /** Standard deviation of legal rounding noise; 0 where the bits are decided, infinite or NaN where nobody knows. */
  readonly s?: Tensor
  /** Entries whose byte is 0 mean nothing; of a mask, may be either. */
  readonly judged?: Uint8Array | undefined
}

/** Elements of one tensor that rounding moves: where they are, their z = (found − v)/s and 1/s. */
interface NoisyPart {
  readonly path: string
  readonly index: Int32Array
  readonly z: Float64Array
  readonly inverse: Float64Array
  /** Where the part starts in the vector of all. */
  readonly start: number
  readonly v: Tensor
}

/** Elements of one tensor, or mask, that are decided exactly. */
interface ExactPart {
  readonly path: string
  readonly index: Int32Array
  readonly found: ArrayLike<number>
}

/** All that a runtime exposes, as one vector of errors in deviations, and the elements where no rounding can happen. */
export interface Field {
  readonly noisy: readonly NoisyPart[]
  readonly exact: readonly ExactPart[]
  /** Elements that rounding moves. */
  readonly size: number
  readonly z: Float64Array
  /** Exact elements that are off. */
  readonly mismatches: number
}

/** Exact values may still be computed on: two of them agree within a few roundings. */
const FEW_ROUNDINGS = 8 * UNIT

/** Puts the field together from what the runtime exposes and what is known of it. */
export function fieldOf(
  found: ReadonlyMap<string, Value>,
  truth: Exposures,
  known: (path: string) => Known | undefined,
): Field {
  const noisy: Omit<NoisyPart, 'start'>[] = []
  const exact: ExactPart[] = []
  for (const [path, value] of found) {
    const ours = truth.get(path)
    if (ours === undefined) continue
    if (value.kind === 'mask') {
      // of entries that rounding may turn, neither choice is a mismatch
      const index = decidedIn(value.mask, known(path)?.judged)
      if (ours.kind === 'mask') exact.push({ path, index, found: value.mask.data })
      continue
    }
    const { v, s, judged } = known(path) ?? {}
    if (v === undefined || s === undefined) continue
    const { data } = value.tensor
    const [moved, decided]: [number[], number[]] = [[], []]
    for (let i = 0; i < data.length; i++) {
      if (judged?.[i] === 0 || !Number.isFinite(data[i]) || !Number.isFinite(v.data[i])) continue
      if (s.data[i] > 0 && s.data[i] < Infinity) moved.push(i)
      else if (s.data[i] === 0) decided.push(i)
    }
    const index = Int32Array.from(moved)
    const inverse = Float64Array.from(index, (i) => 1 / s.data[i])
    const z = Float64Array.from(index, (i, at) => beyondFlush(data[i] - v.data[i]) * inverse[at])
    if (index.length > 0) noisy.push({ path, index, z, inverse, v })
    if (decided.length > 0) exact.push({ path, index: Int32Array.from(decided), found: data })
  }
  let size = 0
  const parts = noisy.map((part) => {
    const start = size
    size += part.index.length
    return Object.assign(part, { start })
  })
  const z = new Float64Array(size)
  for (const part of parts) z.set(part.z, part.start)
  return { noisy: parts, exact, size, z, mismatches: mismatchesOf(exact, truth) }
}

/** The paths where something is off by more than half of honest runtimes are, or all where none is. */
export function offIn({ noisy, exact }: Field, truth: Exposures): ReadonlySet<string> {
  const off = noisy.filter(({ z }) => energy(z) > z.length || z.some((value) => Math.abs(value) > 10))
  const wrong = exact.filter((part) => mismatchesOf([part], truth) > 0)
  const paths = [...off, ...wrong].map(({ path }) => path)
  return new Set(paths.length > 0 ? paths : [...noisy, ...exact].map(({ path }) => path))
}

/** (other − v)/s over the field: a direction, or a draw of noise. Undefined where it is not finite. */
export function deviationsOf(
  { noisy, size }: Field,
  truth: Exposures,
  other: Exposures,
): Float64Array | undefined {
  const d = new Float64Array(size)
  for (const { path, index, inverse, start } of noisy) {
    const [ours, theirs] = [valuesOf(truth, path), valuesOf(other, path)]
    if (ours === undefined || theirs === undefined || ours === theirs) continue
    for (let at = 0; at < index.length; at++) {
      const value = beyondFlush(theirs[index[at]] - ours[index[at]]) * inverse[at]
      if (!Number.isFinite(value)) return undefined
      d[start + at] = value
    }
  }
  return d
}

/** How many exact elements are off: not what `other` gives, nor is 99 % of their distance from truth gone. */
export function mismatchesOf(
  exact: readonly ExactPart[],
  truth: Exposures,
  other: Exposures = truth,
): number {
  return countOff(exact, truth, other, (found, ours, theirs) =>
    isOff(Math.abs(found - theirs) - 0.01 * Math.abs(found - ours), theirs),
  )
}

/** How many exact elements a bug changes. */
export function changesOf(exact: readonly ExactPart[], truth: Exposures, other: Exposures): number {
  return countOff(exact, truth, other, (_, ours, theirs) => isOff(Math.abs(theirs - ours), ours))
}

function isOff(distance: number, value: number): boolean {
  return !(distance <= FEW_ROUNDINGS * Math.abs(value) + FLUSH)
}

function countOff(
  exact: readonly ExactPart[],
  truth: Exposures,
  other: Exposures,
  isCounted: (found: number, ours: number, theirs: number) => boolean,
): number {
  let count = 0
  for (const { path, index, found } of exact) {
    const [ours, theirs] = [valuesOf(truth, path), valuesOf(other, path)]
    if (ours === undefined || theirs === undefined) continue
    for (const i of index) if (isCounted(found[i], ours[i], theirs[i])) count++
  }
  return count
}

function valuesOf(exposed: Exposures, path: string): ArrayLike<number> | undefined {
  const x = exposed.get(path)
  if (x === undefined) return undefined
  return x.kind === 'dense' ? x.x.data : x.kind === 'sparse' ? x.x.values.data : x.x.kept
}

function decidedIn({ data }: MaskArray, judged: Uint8Array | undefined): Int32Array {
  return Int32Array.from(data, (_, i) => i).filter((i) => judged?.[i] !== 0)
}

/** Of what flushing may explain nothing counts. */
function beyondFlush(error: number): number {
  return Math.sign(error) * Math.max(0, Math.abs(error) - FLUSH)
}
