import type { Linear, Norm } from '../../../reference/layers/parameters.ts'
import type { Recorder, Storage, Word } from '../../program.ts'
import type { Forms } from '../forms.ts'
import type { GpuDense, GpuKinds } from '../kinds.ts'
import { registerTiles, workgroupTileFor, tilesOf } from '../products.ts'
import { rowsOf } from '../shapes.ts'
import type { Fused } from './fused.ts'

/** A linear layer on a GPU, with what comes before and after it. */
interface Layer {
  readonly x: GpuDense
  /** Of each row of x, as `rowStatistics` leaves them; with it, x is normalised on the fly. */
  readonly statistics?: Storage | undefined
  readonly norm?: Norm<GpuKinds> | undefined
  readonly linear: Linear<GpuKinds>
  readonly gelu: boolean
}

/**
 * LayerNorm before linear layers. In the scalar form the norm is computed and stored first, as without fusing: for
 * every tile of the product a row is normalised anew.
 */
export function normLinear(record: Recorder, forms: Forms): { readonly normLinear: Fused<'normLinear'> } {
  return {
    normLinear({ x, norm, eps, linears }, results) {
      if (norm === undefined || forms.kernels === 'scalar') return
      const statistics = rowStatistics(record, x, eps)
      for (const [i, linear] of linears.entries()) {
        linearOnLoad(record, forms, { x, statistics, norm, linear, gelu: false }, results[i].values)
      }
    },
  }
}

/** Of each row its mean and 1/√(σ² + eps). */
export function rowStatistics(record: Recorder, x: GpuDense, eps: number): Storage {
  const { rows, n } = rowsOf('rowStatistics', x.shape)
  const uniform: Word[] = [rows, n, { float: eps }]
  const run = { kernel: 'row-statistics-workgroup', reads: [x.values], uniform, workgroups: rows }
  return record.fill(2 * rows, run)
}

/** Records a linear layer into `z`. */
export function linearOnLoad(record: Recorder, forms: Forms, layer: Layer, z: Storage): void {
  const { x, statistics, norm, linear, gelu } = layer
  const { rows: n, n: k } = rowsOf('linearOnLoad', x.shape)
  const [m] = linear.weight.shape
  const sizes = { count: 1, n, k, m }
  const tile = workgroupTileFor(forms, sizes)
  const tiles = tilesOf(tile, sizes)
  const bias = linear.bias?.values
  const run = {
    kernel: 'norm-linear-workgroup',
    // a binding must be bound, whether or not it is read
    reads: [
      x.values,
      statistics ?? x.values,
      norm?.weight.values ?? x.values,
      norm?.bias.values ?? x.values,
      linear.weight.values,
      bias ?? x.values,
    ],
    uniform: [tiles, n, k, m, Number(bias !== undefined)],
    constants: {
      ...registerTiles(tile, true),
      fours: Number(k % 4 === 0),
      normalised: Number(statistics !== undefined),
      gelu: Number(gelu),
    },
    workgroups: tiles,
  }
  record.dispatch(run, [...run.reads, z])
}
