import type { Real, Tensor } from '../../../reference/tensor.ts'
import { alikeInColumns } from './alike.ts'
import { ofMatmul, type Bilinear } from './bilinear.ts'
import { fill, magnitude, squared } from './noise.ts'

/** What the order of terms and what they have in common make of a sum's roundings. */
export interface Order {
  /** How many terms an element has as far as rounding goes: more where they are alike. */
  readonly alike: (index: number) => number
  /** The mean square of an element's partial sums, in the order that terms have; undefined where nobody looked. */
  readonly partial: Real | undefined
  /** How many times what it is as a rule the mean square of partial sums must be to be counted: below it that is chance. */
  readonly unusual: number
}

/** Where nobody suspects anything: below it, roundings are 1.7 times as large at most. */
const UNUSUAL = 3
/** Where a suspicion hangs on it. */
const SUSPECTED = 1.5
/** Parts that a sum is cut into to see how far it goes on its way. */
const PARTS = 8
/** u. */
const UNIT = 2 ** -24

/** What partial sums have more than in any order of exchangeable terms, where their mean square is S²/3 + Q/6. */
export function beyondUsual(partial: number, S: number, Q: number, unusual: number = UNUSUAL): number {
  return Math.max(0, partial - unusual * ((S * S) / 3 + Q / 6))
}

/** The same of the sum of `count` numbers from `start`, S and Q theirs; of few, partial sums that go far may as well be chance. */
export function farOff(x: Real, start: number, count: number, S: number, Q: number): number {
  if (count < 2 * PARTS) return 0
  let [sum, squares] = [0, 0]
  for (let i = start; i < start + count; i++) {
    sum += x[i]
    squares += sum * sum
  }
  return beyondUsual(squares / count, S, Q)
}

/**
 * Of a product `x y` in which nobody suspects anything: nearly equal values in a column of y make equal terms, and partial
 * sums are looked at, since tokens come in the order of the image, and those of a sky before those of the ground, whose
 * sum may be far from 0 where they cancel in the end.
 */
export function usualOrder(x: Tensor, y: Tensor, n: number): Order {
  // of few terms that may as well be chance
  const isLong = ofMatmul.terms(x, y) >= 2 * PARTS
  return {
    alike: alikeIn(x, y, n),
    partial: isLong ? partialSquares(ofMatmul, x, y) : undefined,
    unusual: UNUSUAL,
  }
}

/** Of any sums of products where a suspicion hangs on it: weights may come in blocks of one sign, or make all terms equal. */
export function suspectedOrder(multiply: Bilinear, x: Tensor, y: Tensor, n: number): Order {
  const partial = partialSquares(multiply, x, y)
  const equal = mayBeAlike(multiply, x, y) ? alikeTerms(multiply, x, y) : undefined
  const usual = multiply === ofMatmul ? alikeIn(x, y, n) : (): number => n
  const alike = equal === undefined ? usual : (i: number): number => Math.max(usual(i), equal[i])
  return { alike, partial, unusual: SUSPECTED }
}

/** The mean square of the partial sums of every element, after each of eight parts of its terms. */
function partialSquares(multiply: Bilinear, x: Tensor, y: Tensor): Real {
  const n = multiply.terms(x, y)
  const count = Math.min(n, PARTS)
  const edges = Array.from({ length: count + 1 }, (_, part) => Math.round((part * n) / count))
  const parts = edges.slice(1).map((end, part) => multiply.part(x, y, edges[part], end).data)
  const [total, squares] = [new Float64Array(parts[0].length), new Float64Array(parts[0].length)]
  for (const part of parts) {
    for (let i = 0; i < total.length; i++) {
      total[i] += part[i]
      squares[i] += (total[i] * total[i]) / count
    }
  }
  return squares
}

/**
 * Σ(group size)² of the terms of each element that are all of one magnitude, 0 where they are not. Of m terms that are
 * not 0, A = Σ|t| and Q = Σt², that is where their spread, √(Q/m − (A/m)²), is less than half an ULP of the sum:
 * (m² + (S·m/A)²)/2, those of either sign being a group.
 */
function alikeTerms(multiply: Bilinear, x: Tensor, y: Tensor): Float64Array {
  const S = multiply.plain(x, y).data
  const held = multiply.plain(indicator(x), indicator(y)).data
  const A = multiply.withMagnitudes(magnitude(x), y).data
  const Q = multiply.withSquares(squared(x), y).data
  return Float64Array.from(held, (m, i) => {
    const spread = Math.max(0, Q[i] / m - (A[i] / m) ** 2)
    return A[i] > 0 && spread <= (UNIT * A[i]) ** 2 ? (m * m + ((S[i] / A[i]) * m) ** 2) / 2 : 0
  })
}

/**
 * Whether four terms of any element are so near to one another that all n of them may be alike: with a spread of at most
 * uA, two that are not 0 differ by √(2n)·uA at most, and A is about n times either.
 */
function mayBeAlike(multiply: Bilinear, x: Tensor, y: Tensor): boolean {
  const n = multiply.terms(x, y)
  const near = Math.sqrt(2 * n) * UNIT * n
  const [first, ...others] = [0, n >> 2, n >> 1, n - 1].map((k) => multiply.part(x, y, k, k + 1).data)
  return first.some((term, i) => {
    const a = Math.abs(term)
    return others.every((terms) => {
      const b = Math.abs(terms[i])
      return a === 0 || b === 0 || Math.abs(a - b) <= near * (a + b)
    })
  })
}

function indicator({ data, shape }: Tensor): Tensor {
  return fill(shape, (i) => (data[i] === 0 ? 0 : 1))
}

/** Of each element of a product `x y`, how many terms it has as far as rounding goes. */
export function alikeIn(x: Tensor, y: Tensor, n: number): (index: number) => number {
  const groups = alikeInColumns(y)
  const columns = y.shape.at(-1) ?? 1
  const perMatrix = (x.shape.at(-2) ?? 1) * columns
  // beyond n where values are alike; below it where a sparse x holds fewer
  return (i) => {
    const column = Math.floor(i / perMatrix) * columns + (i % columns)
    return Math.max(n, groups[column % groups.length])
  }
}
