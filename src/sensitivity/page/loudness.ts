import { CLASSES } from '../mutants/index.ts'
import { catchByLoudness } from '../rates.ts'
import { BANDS, type Results } from '../results.ts'
import { nameOf, ownHeard } from './detectors.ts'
import { share, type Table } from './table.ts'

/** What Touchstone catches by signal-to-noise: how loud a bug must be. */
export function loudnessTable(results: Results): Table {
  const plain = Object.values(results.equations)
  const bands = BANDS.map((from, i) =>
    i + 1 < BANDS.length ? `${from} to ${BANDS[i + 1]}` : `${from} and more`,
  )
  return {
    headings: ['class', 'seen by', ...bands],
    rows: CLASSES.flatMap((of) =>
      ownHeard(results).map((detector) =>
        new Array<string>(of, nameOf(detector)).concat(catchByLoudness(plain, of, detector).map(share)),
      ),
    ),
  }
}
