import type { Shape } from '../../../reference/tensor.ts'
import { bf16, fp16, tf32, type Format } from '../directions/formats.ts'
import { ordersOf } from './orders.ts'
import { partOf } from './part.ts'

/** A tensor that is wrong otherwise than in its numbers: another one, the right one in another order, or wrong in one part alone. */
export interface Arrangement {
  /** What a user reads: `it is what A_g should be`. */
  readonly says: string
  /**
   * `whole`: that is all that is wrong with it, and no bug in its numbers need be looked for. `part`: so far, or in one part. `unlike`: nothing but that it is
   * like nothing.
   */
  readonly kind: 'whole' | 'part' | 'unlike'
}

type Numbers = ArrayLike<number>

/** A tensor that a proof fails. */
export interface Arranged {
  readonly shape: Shape
  /** A name of each axis. */
  readonly axes: readonly string[]
  readonly found: Numbers
  readonly isMask: boolean
  /** Whether a legal runtime's files are in float32. */
  readonly isFloat32: boolean
  /** What the equation gives, on the runtime's own upstream and from the inputs. */
  readonly expected: readonly Numbers[]
  /** |found − expected[0]| in deviations of noise. */
  readonly deviations: (index: number) => number
  /** Whether an element is proved wrong. */
  readonly isOff: (index: number) => boolean
  /** Other tensors of the case of this shape, by what they are: `input.X`, `what A_g should be`. */
  readonly others: ReadonlyMap<string, Numbers>
}

/** The narrower first: what fits TF32 may fit these. */
const FORMATS: readonly Format[] = [bf16, fp16, tf32]
/** Share of the errors' energy that may be left where a tensor is said to be another. */
const NOTHING = 1e-8
/** Fewer elements than this are like anything. */
const FEW = 4
/** RMS of z that is rounding noise: elsewhere nothing is wrong. */
const NOISE = 1.35
/** Elements, and deviations of a correlation by chance, from which on a tensor is said to have nothing to do with what it should be. */
const UNLIKE = { elements: 32, deviations: 3 }

/** How a tensor that is wrong stands to what it should be, if it is more than wrong numbers. */
export function arrangementOf(arranged: Arranged): Arrangement | undefined {
  const { found, shape } = arranged
  const isFinite = Array.prototype.every.call(found, Number.isFinite)
  if (found.length < FEW) return undefined
  const says = isFinite
    ? (constantOf(arranged) ?? anotherOf(arranged) ?? reorderedOf(arranged) ?? swappedOf(arranged))
    : swappedOf(arranged)
  if (says !== undefined) return { says: `it is ${says}`, kind: 'whole' }
  const part = inPart(arranged, shape)
  if (part !== undefined) return { says: part, kind: 'part' }
  const format = formatOf(arranged)
  if (format !== undefined) return { says: `all its elements are ${format} numbers`, kind: 'part' }
  return isFinite ? unlikeOf(arranged) : undefined
}

function constantOf({ found }: Arranged): string | undefined {
  if (!Array.prototype.every.call(found, (x: number) => x === found[0])) return undefined
  return `${found[0] === 0 ? 0 : found[0]} throughout`
}

function anotherOf({ found, expected: [expected], others }: Arranged): string | undefined {
  return [...others].find(([, other]) => isAs(found, expected, (i) => other[i]))?.[0]
}

function reorderedOf({ found, expected, shape, axes, isMask }: Arranged): string | undefined {
  for (const v of expected) {
    for (const { says, from } of ordersOf(shape, axes)) {
      if (isAs(found, v, (i) => v[from(i)] ?? NaN)) return `what it should be ${says}`
    }
    if (isMask) {
      if (isAs(found, v, (i) => 1 - v[i])) return 'what it should be inverted'
      continue
    }
    const factor = factorOf(found, v)
    if (isAs(found, v, (i) => factor * v[i])) {
      return factor === -1 ? 'the negative of what it should be' : `${factor} times what it should be`
    }
  }
  return undefined
}

/** The multiple of v that is nearest to x. */
function factorOf(x: Numbers, v: Numbers): number {
  let [xv, vv] = [0, 0]
  for (let i = 0; i < v.length; i++) {
    xv += x[i] * v[i]
    vv += v[i] * v[i]
  }
  return Number((xv / vv).toPrecision(6))
}

/** Whether x is another tensor, of which NaN may be anything, and not what it should be, where the two differ. */
function isAs(x: Numbers, expected: Numbers, other: (i: number) => number): boolean {
  let [off, left, compared] = [0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    const value = other(i)
    if (!Number.isFinite(value) || !Number.isFinite(expected[i])) continue
    compared++
    off += (x[i] - expected[i]) ** 2
    left += (x[i] - value) ** 2
  }
  return 2 * compared > x.length && off > 0 && left <= NOTHING * off
}

/** Numbers of the other byte order: what a DataView writes unless told otherwise. */
function swappedOf({ found, expected, isMask }: Arranged): string | undefined {
  if (isMask) return undefined
  const view = new DataView(new ArrayBuffer(4))
  const isSwapped = expected.some((v) => {
    let [size, left] = [0, 0]
    for (let i = 0; i < v.length; i++) {
      view.setFloat32(0, found[i])
      size += v[i] ** 2
      left += (view.getFloat32(0, true) - v[i]) ** 2
    }
    return left <= NOTHING * size
  })
  return isSwapped ? 'what it should be with the bytes of each number in the other order' : undefined
}

/** Where all that is off lies in few indices of some axis, and the rest is right. */
function inPart({ found, isOff, deviations }: Arranged, shape: Shape): string | undefined {
  const part = partOf(shape, isOff)
  if (part === undefined || 2 * part.elements > found.length) return undefined
  let [squares, elsewhere, zeros] = [0, 0, true]
  for (let i = 0; i < found.length; i++) {
    if (part.has(i)) zeros &&= found[i] === 0
    else {
      const z = deviations(i)
      if (!Number.isFinite(z)) continue
      squares += z * z
      elsewhere++
    }
  }
  if (elsewhere === 0 || squares > NOISE ** 2 * elsewhere) return undefined
  if (part.elements === 1) return 'every other element is right'
  return `off at ${part.says} alone${zeros ? ', where it is 0' : ''}`
}

/** The short format that holds all of a tensor's elements, and not what they should be. */
function formatOf({ found, expected: [expected], isMask, isFloat32 }: Arranged): string | undefined {
  if (isMask || !isFloat32) return undefined
  const holds = ({ round }: Format, x: Numbers): boolean =>
    Array.prototype.every.call(x, (value: number) => round(value) === value)
  return FORMATS.find((format) => holds(format, found) && !holds(format, expected))?.name
}

function unlikeOf({ found, expected: [v], isMask }: Arranged): Arrangement | undefined {
  const n = found.length
  if (isMask || n < UNLIKE.elements) return undefined
  const [mx, mv] = [meanOf(found), meanOf(v)]
  let [xv, xx, vv] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    xv += (found[i] - mx) * (v[i] - mv)
    xx += (found[i] - mx) ** 2
    vv += (v[i] - mv) ** 2
  }
  const correlation = xv / Math.sqrt(xx * vv)
  if (!(Math.abs(correlation) < UNLIKE.deviations / Math.sqrt(n))) return undefined
  return {
    says: `it is no more like what it should be than chance (correlation ${correlation.toFixed(2)}): of another question, or from elsewhere in memory?`,
    kind: 'unlike',
  }
}

function meanOf(x: Numbers): number {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i]
  return sum / x.length
}
