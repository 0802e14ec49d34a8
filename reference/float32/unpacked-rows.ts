import type { Real } from '../tensor.ts'

/** The rows of a matrix `[m, width]` in float64, each unpacked when it is first needed, so that none is read in vain. */
export interface UnpackedRows {
  /** Row r is at `r·stride`; the stride is even, and what is beyond `width` zero. */
  readonly data: Float64Array
  readonly stride: number
  readonly width: number
  /** 1 for each row that is unpacked. */
  readonly done: Uint8Array
}

/** No rows yet of `m`. */
export function unpackedRows(m: number, width: number): UnpackedRows {
  const stride = width + (width % 2)
  return { data: new Float64Array(m * stride), stride, width, done: new Uint8Array(m) }
}

/** Sees that the rows `named[from … to − 1]` of the matrix at `start` in `x` are unpacked. */
export function unpack(
  { data, stride, width, done }: UnpackedRows,
  x: Real,
  start: number,
  named: Int32Array,
  from: number,
  to: number,
): void {
  for (let e = from; e < to; e++) {
    const row = named[e]
    if (done[row] === 1) continue
    done[row] = 1
    for (let i = 0; i < width; i++) data[row * stride + i] = x[start + row * width + i]
  }
}
