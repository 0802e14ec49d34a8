import { comparators } from './comparators/index.ts'
import { undisputed, variants } from './legal/variants.ts'
import { mutants, mutantsOf, type Class } from './mutants/index.ts'
import { NEAREST_HEADINGS, nearestRows } from './nearness.ts'
import { FIRST_REPORTED } from './questions.ts'
import { EXPOSURES } from './play.ts'
import { falseAlarms, invisible, loudest, type Suite } from './rates.ts'
import { DETECTORS, OWN_DETECTORS, type EquationResult, type Results } from './results.ts'
import {
  allAlarms,
  CLASSES,
  DETECTOR_HEADINGS,
  detectorRows,
  disputedHeadings,
  disputedRows,
  distinctRuns,
  drawnResults,
  EQUATION_HEADINGS,
  equationRows,
  heard,
  IMITATED_HEADINGS,
  imitatedBugs,
  imitatedRows,
  LOUDNESS_HEADINGS,
  loudnessRows,
  nameOf,
  PROBE_DETECTOR_HEADINGS,
  PROBE_HEADINGS,
  probeDetectorRows,
  probeRows,
  SIZE_HEADINGS,
  sizeRows,
  suiteRows,
  suitesOf,
  SUITE_HEADINGS,
  TOLD_HEADINGS,
  toldRows,
  sweepRows,
  upperBound,
} from './summary.ts'
import { sweeps } from './sweep.ts'

/** `docs/sensitivity.md`: how often the judge cries wolf, and what it misses, from stored results. */
export function sensitivityDocument(results: Results): string {
  const suites = suitesOf(results)
  const plain = Object.values(results.equations)
  const alarms = falseAlarms(drawnResults(results), 'outputs')
  const bound = upperBound(alarms)
  const asked = heard(results)
  const distinct = distinctRuns(results)
  return [
    '# Sensitivity: what the judge notices, and how often it cries wolf',
    '',
    `Measured by \`touchstone sensitivity\`, which makes this page from \`sensitivity.json\`. Judge: ${results.judge}. Catalogue: ${results.catalogue}.`,
    `${seedsOf(plain)}${aloneOf(Object.values(results.honest))}; thresholds may be tuned on seeds below ${FIRST_REPORTED} only.`,
    '',
    `${undisputed.length} honest float32 runtimes and ${mutants.length} planted bugs (${pairCount()} pairs of bug and equation) answer the same drawn questions:`,
    'streams of root mean square 1, 30 and 0.01 by turns, one question in eight wider than the others, ε 1e-6 and 1e-5. A run of an honest runtime that gave',
    'the very tensors of another one counts once, as _distinct_. Red is `fail` or `suspect`.',
    '',
    `A bug is _visible_ on a question where ‖(bug − truth)/s‖ is at least 6 in what is shown, s being the standard deviation of legal rounding noise; below that`,
    'nobody can tell it from noise. "caught / visible" counts runs. Bugs are planted in the reference and in a plain sequential runtime by turns.',
    '',
    '## Equation by equation',
    '',
    `"alarms" are false ones, from outputs alone + with intermediates.${bound === '' ? '' : ` None from outputs in ${alarms.of} distinct runs bounds the rate by ${bound} at 95 %.`} The other columns: caught / visible,`,
    'on the questions that bugs were asked too.',
    '',
    ...markdown(EQUATION_HEADINGS, equationRows(results)),
    '',
    '## Against other comparisons, on the same tensors',
    '',
    'The others see the equation’s own outputs, as the first line does. _Directions_ are named bugs, `check --directions always`. Shares of distinct honest runs called wrong, and of visible bugs caught.',
    '',
    ...markdown(DETECTOR_HEADINGS, detectorRows(results)),
    '',
    ...comparators.map(({ id, about }) => `- **${id}**: ${about}.`),
    '',
    '## What a legal runtime may do too',
    '',
    'exp, rsqrt and logarithms may err by what the profile allows them, and where they err one way everywhere they may do nearly what a bug does: two LayerNorms with an rsqrt',
    '2 ULP high are a temperature 2.4e-7 to 4.8e-7 too large. A visible bug is _imitated_ on a question where a runtime that rounds nothing, and each call of whose functions errs by a',
    'share of what it may at every value, comes within 6 of it in ‖(bug − legal)/s‖; the shares are fitted bug by bug. It goes on from anything that rounds to what it shows. What both show cannot be told apart, rounding coming to it.',
    'Imitated / visible, on drawn questions:',
    '',
    ...markdown(IMITATED_HEADINGS, imitatedRows(results)),
    '',
    `From outputs: ${imitatedBugs(results).join(', ')}.`,
    '',
    'The bugs that are visible and not imitated, and what of them is caught: on drawn questions run by run, and all questions as a suite (see there).',
    '',
    ...markdown(TOLD_HEADINGS, toldRows(results)),
    '',
    '## As a suite',
    '',
    'A bug is in its runtime on every question. Here all questions of an equation that bugs were asked, drawn ones and probes, are one suite, as in CI: a bug that is',
    'visible on any of them is caught if any is red, and an honest runtime is called wrong if any is. Pairs of bug, or runtime, and equation.',
    '',
    ...markdown(SUITE_HEADINGS, suiteRows(results)),
    '',
    '## On the probes',
    '',
    'The questions of `touchstone list --probes`, each asked of every equation that it says something of. Honest runs are distinct ones; bugs: caught / visible.',
    '',
    ...markdown(PROBE_HEADINGS, probeRows(results)),
    '',
    ...markdown(PROBE_DETECTOR_HEADINGS, probeDetectorRows(results)),
    '',
    '## At the size of a model',
    '',
    'Honest runtimes alone, a question of each equation at DeiT-Ti’s size (C = 192, 197 tokens, three heads; losses over 64 × 1000). The long sums are here.',
    '',
    ...markdown(SIZE_HEADINGS, sizeRows(results)),
    '',
    '## How near honest runs come',
    '',
    `Of ${distinct.drawn + distinct.probes + distinct.atSize} distinct honest runs (${distinct.drawn} on drawn questions, ${distinct.probes} on probes, ${distinct.atSize} at the size of a model), from outputs and with`,
    'intermediates, the largest share of its threshold that each statistic reached. Thresholds are those of that tensor. Of directions, those that independent noise would',
    'not explain: for the others no noise is drawn, and none can be suspected.',
    '',
    ...markdown(NEAREST_HEADINGS, nearestRows(results)),
    '',
    '## Legal by the letter, and called wrong',
    '',
    'Runtimes that the profile allows, and that the judge is left to call wrong: not among the honest ones above. Questions, drawn and of probes, on which it does.',
    '',
    ...markdown(disputedHeadings(results), disputedRows(results)),
    '',
    ...variants.flatMap(({ id, disputed }) => (disputed === undefined ? [] : [`- **${id}**: ${disputed}`])),
    '',
    '## How loud a bug must be',
    '',
    'What Touchstone catches by signal-to-noise: caught / visible.',
    '',
    ...markdown(LOUDNESS_HEADINGS, loudnessRows(results)),
    '',
    '## The least fault that is caught',
    '',
    `δ in the median of six questions, two of each magnitude; caught together with every larger one. ${sweeps.map(({ id, about }) => `_${id}_: ${about}`).join('; ')}.`,
    '',
    ...markdown(['equation', 'fault', ...asked.map(nameOf)], sweepRows(results.sweeps, asked)),
    '',
    '## False alarms',
    '',
    ...listed(allAlarms(results)),
    '',
    '## Equivalent and invisible bugs',
    '',
    'Proved not to show in the outputs; their intermediates are judged:',
    '',
    ...listed(
      mutants.flatMap(({ id, equivalent = {} }) =>
        Object.entries(equivalent).map(([equation, proof]) => `**${id}** in ${equation}: ${proof}.`),
      ),
    ),
    '',
    'Never above a signal-to-noise of 6, on any drawn question of these seeds or any probe:',
    '',
    ...listed(suites.flatMap(([id, found]) => invisibleLines(id, found))),
    '',
    '## Visible, and missed',
    '',
    'caught / visible, from outputs and with intermediates, on drawn questions and probes together; then a few of the runs that were missed: where, what was seen, and the signal-to-noise.',
    '',
    ...missedSections(suites, asked.includes('outputs, directions')),
    '',
    '## The catalogue',
    '',
    ...CLASSES.flatMap(catalogueOf),
    '### Honest runtimes',
    '',
    ...variants.map(({ id, about }) => `- **${id}**: ${about}`),
    '',
  ].join('\n')
}

function catalogueOf(of: Class): string[] {
  const own = mutants.filter((mutant) => mutant.class === of)
  const lines = own.map(({ id, about, equations }) => `- **${id}**: ${about} ${equations.join(', ')}`)
  return [`### ${of[0].toUpperCase()}${of.slice(1)}`, '', ...lines, '']
}

function pairCount(): number {
  return mutants.reduce((sum, { equations }) => sum + equations.length, 0)
}

function seedsOf(results: readonly EquationResult[]): string {
  if (results.length === 0) return 'No seeds'
  const from = Math.min(...results.map((result) => result.from))
  const counts = results.map(({ count }) => count)
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  return `Seeds ${from} to ${from + most - 1}${least === most ? '' : ` (at least ${least} of them for each equation)`}`
}

function aloneOf(results: readonly EquationResult[]): string {
  if (results.length === 0) return ''
  const last = Math.max(...results.map(({ from, count }) => from + count - 1))
  return `; honest runtimes alone to ${last}`
}

function markdown(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)]
}

function listed(lines: readonly string[]): string[] {
  return lines.length === 0 ? ['None.'] : lines.map((line) => `- ${line}`)
}

function invisibleLines(id: string, results: readonly EquationResult[]): string[] {
  const everywhere = invisible(results, 'intermediates')
  const proved = (mutant: string): boolean =>
    mutants.find((each) => each.id === mutant)?.equivalent?.[id] !== undefined
  return invisible(results, 'outputs')
    .filter((mutant) => everywhere.includes(mutant) || !proved(mutant))
    .map((mutant) => {
      const most = loudest(results, mutant)
      const where = everywhere.includes(mutant) ? 'anywhere' : 'in the outputs'
      return `${id} **${mutant}** ${where}: at most ${everywhere.includes(mutant) ? Math.max(...most) : most[0]}`
    })
}

/** Every bug that was missed somewhere, once: where directions miss it too, or where they catch it. */
function missedSections(suites: readonly Suite[], directed: boolean): string[] {
  const missed = suites.flatMap(([id, found]) =>
    mutantsOf(id).flatMap((mutant) => missedOf(id, mutant.id, found) ?? []),
  )
  const lines = (of: readonly Missed[]): string[] => listed(of.map(({ line }) => line))
  if (!directed) return lines(missed)
  return [
    '### With directions too',
    '',
    'After the arrow what `--directions always` makes of it; the runs are those that it missed too.',
    '',
    ...lines(missed.filter(({ always }) => always)),
    '',
    '### But caught with directions',
    '',
    'By `--directions always`, in all of these runs.',
    '',
    ...lines(missed.filter(({ always }) => !always)),
  ]
}

interface Missed {
  readonly line: string
  /** Whether directions miss it too. */
  readonly always: boolean
}

function missedOf(id: string, mutant: string, results: readonly EquationResult[]): Missed | undefined {
  const own = results.flatMap((result) => result.mutants[mutant] ?? [])
  const [missed, always] = [
    own.flatMap((found) => found.missed),
    own.flatMap(({ missedDirected }) => missedDirected),
  ]
  if (missed.length === 0) return undefined
  const tallies = own.flatMap(({ groups }) => Object.values(groups))
  const sum = (what: 'caught' | 'visible', detector: string): number =>
    tallies.reduce((total, tally) => total + tally[what][DETECTORS.indexOf(detector)], 0)
  const rates = (detectors: readonly string[]): string =>
    detectors.map((detector) => `${sum('caught', detector)} / ${sum('visible', detector)}`).join(', ')
  const plainly = `${id} **${mutant}** ${rates(OWN_DETECTORS.slice(0, EXPOSURES.length))}`
  if (always.length === 0) return { line: `${plainly}: ${missed.join('; ')}`, always: false }
  return {
    line: `${plainly} → ${rates(OWN_DETECTORS.slice(EXPOSURES.length))}: ${always.join('; ')}`,
    always: true,
  }
}
