declare module 'ndarray-gemm' {
  import type { NdArray } from 'ndarray'

  /** `out = alpha·a·b + beta·out` for two-dimensional arrays; 1 and 0 by default. */
  export default function gemm(out: NdArray, a: NdArray, b: NdArray, alpha?: number, beta?: number): void
}
