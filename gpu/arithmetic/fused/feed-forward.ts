import type { Recorder, Storage, Word } from '../../program.ts'
import { rowwise } from '../rowwise.ts'
import { rowsOf } from '../shapes.ts'
import type { Fused, Variant } from './fused.ts'

/** Rows and columns of a tile, as `linear-gelu.wgsl` has them. */
const TILE = 4

/** The half of the feed-forward network that widens. */
export function feedForward(
  record: Recorder,
  variant: Variant,
): { readonly linearGelu: Fused<'linearGelu'> } {
  const { layerNorm } = rowwise(record)
  return {
    linearGelu({ x, norm, eps, linear: { weight, bias } }, z) {
      const { rows, n: k } = rowsOf('linearGelu', x.shape)
      const [m] = weight.shape
      const onLoad = norm !== undefined && variant === 'gpu'
      const from = norm === undefined || onLoad ? x : layerNorm(x, norm.weight, norm.bias, eps)
      // a binding must be bound, whether or not it is read
      const normal = onLoad
        ? [statistics(record, from.values, rows, k, eps), norm.weight.values, norm.bias.values]
        : [from.values, from.values, from.values]
      const tiles = Math.ceil(rows / TILE) * Math.ceil(m / TILE)
      const run = {
        kernel: 'linear-gelu',
        reads: [from.values, ...normal, weight.values, bias?.values ?? from.values],
        uniform: [tiles, rows, k, m, Number(bias !== undefined)],
        invocations: tiles,
        constants: { normalised: Number(onLoad) },
      }
      record.dispatch(run, [...run.reads, z.values])
    },
  }
}

/** Of each row its mean and 1/√(σ² + eps). */
function statistics(record: Recorder, x: Storage, rows: number, n: number, eps: number): Storage {
  const uniform: Word[] = [rows, n, { float: eps }]
  return record.fill(2 * rows, { kernel: 'row-statistics', reads: [x], uniform, invocations: rows })
}
