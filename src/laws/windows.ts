import { random } from '../random.ts'
import type { Lab } from './lab.ts'
import type { Law, Trial } from './law.ts'
import { demand } from './measured.ts'
import { withEach } from './questions.ts'
import { mapped, range } from './rearrange.ts'

/** Extents H, ws, and where the windows start. */
const STARTS: readonly (readonly [H: number, ws: number, starts: readonly number[]])[] = [
  [14, 4, [0, 3, 7, 10]],
  [10, 4, [0, 2, 5, 7]],
  [9, 4, [0, 2, 4, 6]],
  [7, 3, [0, 2, 4]],
  [5, 3, [0, 1, 3]],
  [5, 2, [0, 2]],
  [8, 2, [0, 4]],
]

/** Laws of where the windows of STViT Eq. (5) lie, seen on a map whose values are the numbers of its places. */
export const windowLaws: readonly Law[] = [
  {
    id: 'windows-cover-the-map',
    statement:
      'Every place of the map lies in some window, and in exactly one where ws divides both H and W.',
    source: 'contract, STViT 5: equal-sized, covering, a plain partition when ws divides H',
    equations: ['stvit/eq5'],
    holds(lab, trial) {
      const { windows, H, W, C, ws } = numbered(lab, trial)
      const seen = new Array<number>(H * W).fill(0)
      for (let i = 0; i < windows.size; i += C) seen[windows.data[i]]++
      const partition = H % ws === 0 && W % ws === 0
      for (const [place, count] of seen.entries()) {
        demand(count > 0, () => `place ${place} of a ${H} × ${W} map is in no window`)
        demand(count === 1 || !partition, () => `place ${place} is in ${count} windows of a partition`)
      }
    },
    mutant: {
      name: 'windows laid without overlap, the last rows and columns lost',
      plant: (rules) => ({
        windows(x, layout) {
          const [H, W] = x.shape.slice(-3)
          const starts = (ws: number, extent: number) => range(ws).map((i) => i * Math.floor(extent / ws))
          const [rows, columns] = [starts(layout.rows.length, H), starts(layout.columns.length, W)]
          return rules.windows(x, { ...layout, rows, columns })
        },
      }),
    },
  },
  {
    id: 'windows-start-at-the-floor',
    statement: 'Window i starts at ⌊i·H/ws⌋: 0, 3, 7 and 10 where 14 places make 4 windows.',
    source: 'contract, STViT 5',
    equations: ['stvit/eq5'],
    holds(lab, trial) {
      const [H, ws, starts] = random(trial.seed).fork('starts').pick(STARTS)
      const { windows, W, C } = numbered(lab, trial, { ws, H, W: H })
      const tokens = windows.size / (ws * ws * C)
      const firsts = range(ws * ws).map((window) => windows.data[window * tokens * C])
      const expected = starts.flatMap((row) => starts.map((column) => row * W + column))
      demand(
        firsts.join() === expected.join(),
        () => `${ws} × ${ws} windows start at places ${firsts.join(', ')}, expected ${expected.join(', ')}`,
      )
    },
    mutant: {
      name: 'window starts in steps of the window, the last ones pushed back',
      plant: (rules) => ({
        windows(x, layout) {
          const [H, W] = x.shape.slice(-3)
          const starts = (ws: number, size: number, extent: number) =>
            range(ws).map((i) => Math.min(i * size, extent - size))
          const rows = starts(layout.rows.length, layout.height, H)
          return rules.windows(x, { ...layout, rows, columns: starts(rows.length, layout.width, W) })
        },
      }),
    },
  },
]

/** The windows of a map that holds at each place its number, row by row. */
function numbered(lab: Lab, trial: Trial, given?: { ws: number; H: number; W: number }) {
  const { ws: asked, ...extents } = given ?? {}
  const question = lab.sample('stvit/eq5', trial, {
    lead: [],
    ...(asked === undefined ? {} : { config: { ws: asked }, sizes: extents }),
  })
  const { H, W, C, ws } = question.sizes
  const places = withEach(question, ['input.X'], (X) => mapped(X, (_, i) => Math.floor(i / C)))
  return { windows: lab.answer(places).tensor('windows'), H, W, C, ws }
}
