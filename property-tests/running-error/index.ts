import type { Kinds } from '../../reference/arithmetic.ts'
import type { Evaluator } from '../../reference/evaluator.ts'
import type { Shape } from '../../reference/tensor.ts'
import { exactArray, valuesOf, type RunningArray } from './array.ts'
import { denseRules } from './dense.ts'
import { DOUBLE, given, SINGLE } from './running.ts'
import { sparseRules } from './sparse.ts'

export type { RunningArray } from './array.ts'

/** A mask of which the open entries may be either. */
export interface RunningMask {
  readonly shape: Shape
  readonly kept: Uint8Array
  readonly open: Uint8Array
}

export interface RunningKinds extends Kinds {
  readonly Dense: RunningArray
  readonly Sparse: RunningArray
  readonly Mask: RunningMask
}

/**
 * The reference's own error, derived: every element with its value in 64 digits and a bound of what the reference (or truth)
 * may be off. Each primitive starts from the bounds of its operands, adds what float64 may do inside (a roundoff an operation,
 * γ·Σ|terms| a sum) and the one rounding on leaving: u·|v| and half the smallest subnormal. It shares no code with the reference
 * nor with the judge.
 */
export function runningError(name: 'float32' | 'float64'): Evaluator<RunningKinds> {
  const storage = name === 'float32' ? SINGLE : DOUBLE
  return {
    name: `error of ${name}`,
    rules: {
      ...denseRules<RunningKinds>(storage),
      ...sparseRules(storage),
      composite: (_name, _operands, body) => body(),
      scope: (_, body) => body(),
      expose: (_, x) => x,
      exposeSparse: (_, x) => x,
      exposeMask: (_, x) => x,
    },
    dense: exactArray,
    sparse: exactArray,
    mask: ({ shape, data }) => ({ shape, kept: data, open: new Uint8Array(data.length) }),
    readDense: valuesOf,
    readSparse: valuesOf,
    readMask: ({ shape, kept }) => ({ shape, data: kept }),
  }
}

/** A 0/1 mask as the numbers that a comparison takes. */
export function maskAsNumbers({ shape, kept, open }: RunningMask): RunningArray {
  return {
    shape,
    items: Array.from(kept, (bit, i) => ({ ...given(bit), error: open[i] === 1 ? Infinity : 0 })),
  }
}
