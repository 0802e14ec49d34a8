import type { Evaluator } from '../evaluator.ts'
import type { RealConstructor } from '../tensor.ts'
import { fullArithmetic, type FullKinds } from './full.ts'
import { rowArithmetic, stored, type RowKinds } from './row-rules.ts'
import { fromDense, patternFromBytes, patternToBytes, toDense, type Work } from './rows.ts'

export type { FullKinds } from './full.ts'
export type { RowKinds } from './row-rules.ts'
export type { Work } from './rows.ts'

/**
 * The reference: every tensor that leaves a primitive is float32, the work inside is float64, sparse rows are CSR.
 * `work`, if given, counts the multiply-adds of the sparse products as they are done.
 */
export function float32(work?: Work): Evaluator<RowKinds> {
  return rowEvaluator('float32', Float32Array, work)
}

/** The reference's numbers computed on whole rows: what CSR is held against. */
export function float32Dense(): Evaluator<FullKinds> {
  return fullEvaluator('float32-dense', Float32Array)
}

/** An evaluator over `Storage` with sparse kinds as compressed rows. */
function rowEvaluator(name: string, Storage: RealConstructor, work?: Work): Evaluator<RowKinds> {
  return {
    name,
    rules: rowArithmetic(Storage, work),
    dense: (x) => stored(Storage, x),
    sparse: (x) => fromDense(stored(Storage, x), (value) => value !== 0),
    mask: ({ shape, data }) => patternFromBytes(data, shape),
    readDense: (x) => x,
    readSparse: toDense,
    readMask: (mask) => ({ shape: mask.shape, data: patternToBytes(mask) }),
  }
}

/** An evaluator over `Storage` with sparse kinds as whole rows. */
export function fullEvaluator(name: string, Storage: RealConstructor): Evaluator<FullKinds> {
  return {
    name,
    rules: fullArithmetic(Storage),
    dense: (x) => stored(Storage, x),
    sparse: (x) => {
      const values = stored(Storage, x)
      return { values, kept: Uint8Array.from(values.data, (value) => (value === 0 ? 0 : 1)) }
    },
    mask: ({ shape, data }) => ({ shape, kept: data }),
    readDense: (x) => x,
    readSparse: ({ values }) => values,
    readMask: ({ shape, kept }) => ({ shape, data: kept }),
  }
}
