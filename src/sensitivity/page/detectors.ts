import { falseAlarms } from '../rates.ts'
import { DETECTORS, OWN_DETECTORS, type Results } from '../results.ts'
import { drawnResults } from '../totals.ts'

const OWN_NAMES: Readonly<Record<string, string>> = {
  outputs: 'Touchstone',
  intermediates: 'Touchstone, with intermediates',
  'outputs, directions': 'Touchstone, with directions',
  'intermediates, directions': 'Touchstone, with both',
}

/** What a detector is called in tables. */
export function nameOf(detector: string): string {
  return OWN_NAMES[detector] ?? detector
}

/** The detectors, less those with directions where the judge tried none. */
export function heard(results: Results): string[] {
  const asked = [...drawnResults(results), ...Object.values(results.probes)]
  const directed = falseAlarms(asked, 'outputs, directions').of > 0
  return DETECTORS.filter((detector) => directed || !detector.endsWith('directions'))
}

/** The detectors of Touchstone that were heard. */
export function ownHeard(results: Results): string[] {
  return heard(results).filter((detector) => OWN_DETECTORS.includes(detector))
}
