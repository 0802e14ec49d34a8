import { bigNumbers } from '../reference/exact/numbers/big-number.ts'
import type { Real } from '../reference/tensor.ts'
import type { RunningArray } from './running-error/index.ts'
import { given } from './running-error/running.ts'

/** What comparing floats with their derived bounds found. */
export interface Compared {
  /** How many had a bound that is finite. */
  readonly judged: number
  readonly all: number
  /** The largest share of its bound that an element used; more than 1 is wrong. */
  readonly worst: number
  readonly index: number
}

const { of } = bigNumbers(64)

/** Holds floats against values and bounds; `skip` says where nothing is asked. */
export function compareWithin(
  found: Real | Uint8Array,
  { items }: RunningArray,
  skip: (index: number) => boolean = () => false,
): Compared {
  let [judged, worst, index] = [0, 0, -1]
  for (const [i, { value, error }] of items.entries()) {
    if (!(error < Infinity) || skip(i)) continue
    judged++
    const off = Number.isFinite(found[i])
      ? Math.abs(of(given(found[i]).value.toString()).minus(value).toNumber())
      : Infinity
    const share = off === 0 ? 0 : off / error
    if (!(share <= worst)) [worst, index] = [share, i]
  }
  return { judged, all: items.length, worst, index }
}
