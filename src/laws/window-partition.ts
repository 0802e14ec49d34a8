import type { Law } from './law.ts'
import { axesRelabelled, windowsDownColumns, windowsTransposed } from './map-windows.ts'
import { identical } from './measured.ts'
import { ask, tensorOf, valuesOf, withEach } from './questions.ts'
import { mapped } from './rearrange.ts'

const [PARTITION, REVERSE] = ['stvit/window-partition', 'stvit/window-reverse']

/** Laws of a map cut into windows and put together again. */
export const windowPartitionLaws: readonly Law[] = [
  {
    id: 'partition-and-reverse-undo-each-other',
    statement:
      'The reverse of a map’s partition is the map, and the partition of a reverse the windows, bit for bit.',
    source: 'contract, around the equations: one is the other’s inverse',
    equations: [PARTITION, REVERSE],
    holds(lab, trial) {
      const whole = lab.sample(PARTITION, trial)
      const { H, W } = whole.sizes
      const windows = lab.answer(whole).tensor('windows')
      const back = lab.answer(ask(REVERSE, valuesOf({ 'input.windows': windows }), { H, W })).tensor('X')
      identical('the map and its reversed partition', back, tensorOf(whole, 'input.X'))

      const cutUp = lab.sample(REVERSE, trial)
      const X = lab.answer(cutUp).tensor('X')
      const { w } = cutUp.sizes
      const again = lab.answer(ask(PARTITION, valuesOf({ 'input.X': X }), { w })).tensor('windows')
      identical('the windows and their partitioned reverse', again, tensorOf(cutUp, 'input.windows'))
    },
    mutant: windowsDownColumns,
  },
  {
    id: 'a-place-lies-in-its-window',
    statement: 'The place at row i·w + r and column j·w + c of a map is at r, c of window i·W/w + j.',
    source: 'contract, around the equations: windows of w × w in row-major order',
    equations: [PARTITION],
    holds(lab, trial) {
      const drawn = lab.sample(PARTITION, trial, { lead: [] })
      const { W, C, w, nW } = drawn.sizes
      const places = withEach(drawn, ['input.X'], (X) => mapped(X, (_, i) => i))
      const windows = lab.answer(places).tensor('windows')
      const expected = mapped(windows, (_, at) => {
        const [c, column] = [at % C, Math.floor(at / C) % w]
        const [row, window] = [Math.floor(at / C / w) % w, Math.floor(at / C / w / w)]
        const [i, j] = [Math.floor(window / nW), window % nW]
        return ((i * w + row) * W + j * w + column) * C + c
      })
      identical('windows of a numbered map', windows, expected)
    },
    mutant: windowsTransposed,
  },
  {
    id: 'a-window-returns-to-its-place',
    statement:
      'The reverse puts the token at r, c of window i·W/w + j at row i·w + r and column j·w + c of the map.',
    source: 'contract, around the equations: windows of w × w in row-major order',
    equations: [REVERSE],
    holds(lab, trial) {
      const drawn = lab.sample(REVERSE, trial, { lead: [] })
      const { W, C, w, nW } = drawn.sizes
      const numbers = withEach(drawn, ['input.windows'], (windows) => mapped(windows, (_, i) => i))
      const X = lab.answer(numbers).tensor('X')
      const expected = mapped(X, (_, at) => {
        const [c, column, row] = [at % C, Math.floor(at / C) % W, Math.floor(at / C / W)]
        const window = Math.floor(row / w) * nW + Math.floor(column / w)
        return ((window * w + (row % w)) * w + (column % w)) * C + c
      })
      identical('the map of numbered windows', X, expected)
    },
    mutant: axesRelabelled,
  },
]
