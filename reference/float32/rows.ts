import { sizeOf, tensor, type Real, type Shape, type Tensor } from '../tensor.ts'

/**
 * Which places of an array `[.., n, m]` are held. Rows of all batches stand one after another: row r holds
 * `columns[start[r]] < … < columns[start[r + 1] − 1]`.
 */
export interface RowPattern {
  readonly shape: Shape
  /** One more than there are rows. */
  readonly start: Int32Array
  readonly columns: Int32Array
}

/** An array `[.., n, m]` of which only the places of `pattern` are held; the others are exact zeros. */
export interface SparseRows {
  readonly pattern: RowPattern
  /** The value of each held place, in the order of `pattern.columns`. */
  readonly values: Real
}

/** Kernels add to it the multiply-adds they really did. */
export interface Work {
  multiplyAdds: number
}

/** The number of rows over all batches. */
export function rowCount({ start }: RowPattern): number {
  return start.length - 1
}

/** New storage of the same precision. */
export function storageLike(x: Real, length: number): Real {
  return x instanceof Float32Array ? new Float32Array(length) : new Float64Array(length)
}

/** The entries of `x [.., n, m]` that `keep` says yes to. */
export function fromDense(x: Tensor, keep: (value: number) => boolean): SparseRows {
  const { data, shape } = x
  const places = collect(shape, (place) => keep(data[place]))
  return valuesAt(places, x)
}

/** `M ⊙ x`: the entries of `x [.., n, m]` at the held places, zeros among them. */
export function valuesAt(pattern: RowPattern, { data }: Tensor): SparseRows {
  const { start, columns } = pattern
  const width = pattern.shape.at(-1) ?? 1
  const values = storageLike(data, columns.length)
  for (let row = 0; row < rowCount(pattern); row++) {
    const offset = row * width
    for (let e = start[row]; e < start[row + 1]; e++) values[e] = data[offset + columns[e]]
  }
  return { pattern, values }
}

/** Fills what is not held with zeros. */
export function toDense({ pattern, values }: SparseRows): Tensor {
  const { shape, start, columns } = pattern
  const width = shape.at(-1) ?? 1
  const data = storageLike(values, sizeOf(shape))
  for (let row = 0; row < rowCount(pattern); row++) {
    const offset = row * width
    for (let e = start[row]; e < start[row + 1]; e++) data[offset + columns[e]] = values[e]
  }
  return tensor(data, shape)
}

/** The non-zero bytes of a mask `[.., n, m]`. */
export function patternFromBytes(bytes: Uint8Array, shape: Shape): RowPattern {
  return collect(shape, (place) => bytes[place] !== 0)
}

/** The mask as bytes: 1 where held, 0 elsewhere. */
export function patternToBytes({ shape, start, columns }: RowPattern): Uint8Array {
  const width = shape.at(-1) ?? 1
  const bytes = new Uint8Array(sizeOf(shape))
  for (let row = 0; row + 1 < start.length; row++) {
    for (let e = start[row]; e < start[row + 1]; e++) bytes[row * width + columns[e]] = 1
  }
  return bytes
}

/** The places of a row-major array for which `held` says yes. */
function collect(shape: Shape, held: (place: number) => boolean): RowPattern {
  const width = shape.at(-1) ?? 1
  const rows = sizeOf(shape.slice(0, -1))
  const start = new Int32Array(rows + 1)
  const columns = new Int32Array(rows * width)
  let count = 0
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      if (held(row * width + column)) columns[count++] = column
    }
    start[row + 1] = count
  }
  return { shape, start, columns: columns.slice(0, count) }
}
