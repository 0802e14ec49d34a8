/**
 * Sums, quotients and roots of float32 numbers as float64 rounded to odd: where the exact result is no float64, the neighbour whose
 * last bit is 1. Such a number lies on the same side of every number of 51 bits or fewer, and of every midpoint between two of
 * them, as the exact result, so rounding it again to float32 or less, in any direction, rounds the exact result once
 * (Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums: proved algorithms using rounding to odd", 2008). Rounding the
 * nearest float64 would not: it may land on a midpoint that the exact result only comes close to.
 */

const cell = new Float64Array(1)
const words = new Uint32Array(cell.buffer)
const [LOW, HIGH]: readonly [number, number] =
  new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? [0, 1] : [1, 0]

/** The exact `nearest + error`, |error| at most half a unit in the last place of `nearest`, rounded to odd. */
function odd(nearest: number, error: number): number {
  if (error === 0 || !Number.isFinite(nearest)) return nearest
  cell[0] = nearest
  if ((words[LOW] & 1) === 1) return nearest
  // one step away from zero adds one to the bits, whatever the sign; an even number never carries
  if (error > 0 === nearest > 0) words[LOW]++
  else if (words[LOW]-- === 0) words[HIGH]--
  return cell[0]
}

/** a + b, rounded to odd. Knuth's TwoSum gives the error of the nearest sum exactly. */
export function sumToOdd(a: number, b: number): number {
  const nearest = a + b
  const [b0, a0] = [nearest - a, nearest - (nearest - a)]
  return odd(nearest, a - a0 + (b - b0))
}

/** a·b + c, rounded to odd: the product of two float32 numbers is a float64. */
export function fusedToOdd(a: number, b: number, c: number): number {
  return sumToOdd(a * b, c)
}

/** a / b, rounded to odd: a − q·b is exact where q is the nearest quotient, and its sign says where the exact one lies. */
export function quotientToOdd(a: number, b: number): number {
  const nearest = a / b
  if (nearest === 0 || !Number.isFinite(nearest) || !Number.isFinite(b)) return nearest
  return odd(nearest, residue(a, nearest, b) * Math.sign(b))
}

/** √x, rounded to odd. */
export function rootToOdd(x: number): number {
  const nearest = Math.sqrt(x)
  if (!(nearest > 0) || nearest === Infinity) return nearest
  return odd(nearest, residue(x, nearest, nearest))
}

/** x − p·q for p·q within a few units in the last place of x, exact: Dekker's product without a fused multiply-add. */
function residue(x: number, p: number, q: number): number {
  const product = p * q
  const [p1, q1] = [upperHalf(p), upperHalf(q)]
  const [p2, q2] = [p - p1, q - q1]
  const error = p2 * q2 - (product - p1 * q1 - p2 * q1 - p1 * q2)
  return x - product - error
}

/** The upper 26 bits of x, after Veltkamp; what is left has 26 bits too. */
function upperHalf(x: number): number {
  const scaled = x * (2 ** 27 + 1)
  return scaled - (scaled - x)
}
