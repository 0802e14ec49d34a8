import type { Recorder } from '../../program.ts'
import type { Forms } from '../forms.ts'
import { invocationTileFor, sizeOfWorkgroup, tilesOf } from '../products.ts'
import { rowwise } from '../rowwise.ts'
import { rowsOf } from '../shapes.ts'
import type { Fused } from './fused.ts'
import { linearOnLoad, rowStatistics } from './norm-linear.ts'

interface Rules {
  readonly linearGelu: Fused<'linearGelu'>
  readonly feedForward: Fused<'feedForward'>
}

/**
 * Rows of a workgroup of `feed-forward-workgroup.wgsl`, its invocations, the most columns that it has room for, and the
 * bytes of its memory.
 */
const [ROWS, SIZE, COLUMNS, STORAGE] = [32, 256, 512, 32_768]

/** The feed-forward network whole, and its half that widens. */
export function feedForward(record: Recorder, forms: Forms): Rules {
  const { layerNorm } = rowwise(record, forms)
  return {
    linearGelu({ x, norm, eps, linear }, z) {
      if (forms.kernels === 'workgroup') {
        const statistics = norm && rowStatistics(record, x, eps)
        linearOnLoad(record, forms, { x, statistics, norm, linear, gelu: true }, z.values)
        return
      }
      const from = norm === undefined ? x : layerNorm(x, norm.weight, norm.bias, eps)
      const { rows, n: k } = rowsOf('linearGelu', x.shape)
      const [m] = linear.weight.shape
      const tile = invocationTileFor(forms, { n: rows, k, m })
      const tiles = tilesOf(tile, { count: 1, n: rows, m })
      const bias = linear.bias?.values
      const run = {
        kernel: tile.kernel === 'product-blocks' ? 'linear-gelu-blocks' : 'linear-gelu',
        // a binding must be bound, whether or not it is read
        reads: [from.values, linear.weight.values, bias ?? from.values],
        uniform: [tiles, rows, k, m, Number(bias !== undefined)],
        invocations: tiles,
        constants: sizeOfWorkgroup(tile),
      }
      record.dispatch(run, [...run.reads, z.values])
    },

    feedForward({ x, norm, eps, fc1, fc2 }, z) {
      const { rows, n: k } = rowsOf('feedForward', x.shape)
      const [r] = fc1.weight.shape
      // where it has no room, fc1 with its GELU is fused, and fc2 is a product
      if (forms.kernels === 'scalar' || k > COLUMNS || forms.workgroupStorage < STORAGE) return
      const [b1, b2] = [fc1.bias?.values, fc2.bias?.values]
      const run = {
        kernel: 'feed-forward-workgroup',
        reads: [
          x.values,
          norm?.weight.values ?? x.values,
          norm?.bias.values ?? x.values,
          fc1.weight.values,
          b1 ?? x.values,
          fc2.weight.values,
          b2 ?? x.values,
        ],
        uniform: [rows, k, r, Number(b1 !== undefined), Number(b2 !== undefined), { float: eps }],
        constants: {
          size: SIZE,
          normalised: Number(norm !== undefined),
          fours: Number(k % 4 === 0 && r % 4 === 0),
        },
        workgroups: Math.ceil(rows / ROWS),
      }
      record.dispatch(run, [...run.reads, z.values])
    },
  }
}
