import { sizeOf, tensor, type Tensor } from '../../../../reference/tensor.ts'
import { altered, callsOf, type Direction, type Suspects } from '../direction.ts'
import { shapeOf } from '../elements.ts'
import type { Call, Tape } from '../tape.ts'
import type { Rules } from '../traced.ts'

/** Windows that start elsewhere: one token further, where bins rounded up would, or of a map that was rolled. */
export const otherWindows: Suspects = (tape) => {
  type Starts = (starts: readonly number[], extent: number, last: number) => readonly number[]
  const shifted =
    (by: number): Starts =>
    (starts, _, last) =>
      starts.map((start) => Math.max(0, Math.min(last, start + by)))
  const roundedUp: Starts = (starts, extent, last) =>
    starts.map((_, i) => Math.min(last, Math.ceil((i * extent) / starts.length)))
  const whole: Starts = (starts, extent, last) =>
    starts.map((_, i) => Math.min(last, i * Math.ceil(extent / starts.length)))
  const same: Starts = (starts) => starts
  const ways: readonly (readonly [id: string, says: string, rows: Starts, columns: Starts])[] = [
    ['rows+1', 'windows that start a row too late', shifted(1), same],
    ['rows-1', 'windows that start a row too early', shifted(-1), same],
    ['columns+1', 'windows that start a column too late', same, shifted(1)],
    ['columns-1', 'windows that start a column too early', same, shifted(-1)],
    ['rounded-up', 'windows whose starts are rounded up, not down', roundedUp, roundedUp],
    ['whole', 'windows side by side, of which the last ones are moved back into the map', whole, whole],
  ]
  return callsOf(tape, 'windows').flatMap((call) =>
    ways
      .map(([id, says, rows, columns]): Direction => ({
        id: `windows/${id}/${call.shownIn}/${call.index}`,
        says,
        run: altered(tape, [call], (usual) => ({
          windows: (x, layout) => {
            const [H, W] = x.shape.slice(-3)
            return usual.windows(x, {
              ...layout,
              rows: rows(layout.rows, H, H - layout.height),
              columns: columns(layout.columns, W, W - layout.width),
            })
          },
        })),
      }))
      .concat(rolledMaps(tape, call), windowsTurned(tape, call)),
  )
}

/** Windows column by column of them; each window turned, rows for columns; windows of a map with zeros after its end. */
function windowsTurned(tape: Tape, call: Call): Direction[] {
  const direction = (id: string, says: string, windows: (usual: Rules) => Rules['windows']): Direction => ({
    id: `windows/${id}/${call.shownIn}/${call.index}`,
    says,
    gross: true,
    run: altered(tape, [call], (usual) => ({ windows: windows(usual) })),
  })
  return [
    direction('by-columns', 'windows taken column by column, not row by row', (usual) => (x, layout) => {
      const all = usual.windows(x, layout)
      const [lead, rest] = [all.shape.slice(0, -4), all.shape.slice(-3)]
      const [down, across] = [layout.rows.length, layout.columns.length]
      return usual.reshape(
        usual.swapAxes(usual.reshape(all, [...lead, down, across, ...rest]), -5, -4),
        all.shape,
      )
    }),
    direction('turned', 'rows and columns exchanged inside each window', (usual) => (x, layout) => {
      const all = usual.windows(x, layout)
      return usual.reshape(usual.swapAxes(all, -3, -2), all.shape)
    }),
    direction('padded', 'windows side by side, zeros after the end of the map', (usual) => (x, layout) => {
      const [H, W] = x.shape.slice(-3)
      const [tall, wide] = [layout.height * layout.rows.length, layout.width * layout.columns.length]
      const padded = grown(usual, grown(usual, x, -3, tall - H), -2, wide - W)
      return usual.windows(padded, {
        ...layout,
        rows: layout.rows.map((_, i) => i * layout.height),
        columns: layout.columns.map((_, i) => i * layout.width),
      })
    }),
  ]
}

/** Windows of a map that was rolled, what falls off one side coming in at the other: by a token, or as Swin shifts windows, by half of one, either way. */
function rolledMaps(tape: Tape, call: Call): Direction[] {
  const [[H, W], [height, width]] = [shapeOf(call.operands[0]).slice(-3), shapeOf(call.result.x).slice(-3)]
  const [down, right] = [Math.floor(height / 2), Math.floor(width / 2)]
  const rolls = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
    [-down, -right],
    [down, right],
  ]
  const isSame = ([a, b]: number[], [c, d]: number[]): boolean => (a - c) % H === 0 && (b - d) % W === 0
  return rolls
    .filter((one, i) => !isSame(one, [0, 0]) && rolls.findIndex((other) => isSame(one, other)) === i)
    .map(([rows, columns]) => ({
      id: `windows/rolled/${rows},${columns}/${call.shownIn}/${call.index}`,
      says: `windows of a map rolled by (${rows}, ${columns})`,
      run: altered(tape, [call], (usual) => ({
        windows: (x, layout) => usual.windows(rolled(usual, rolled(usual, x, -3, rows), -2, columns), layout),
      })),
    }))
}

/** x with element i of an axis at i + by, around the end. */
function rolled(usual: Rules, x: Tensor, axis: number, by: number): Tensor {
  const extent = x.shape.at(axis) ?? 1
  const last = (extent - by) % extent
  if (last === 0) return x
  return usual.concat([usual.slice(x, axis, last, extent), usual.slice(x, axis, 0, last)], axis)
}

/** x with zeros after the end of an axis. */
function grown(usual: Rules, x: Tensor, axis: number, by: number): Tensor {
  if (by <= 0) return x
  const shape = x.shape.map((extent, i) => (i === x.shape.length + axis ? by : extent))
  return usual.concat([x, tensor(new Float64Array(sizeOf(shape)), shape)], axis)
}
