import { comparators } from '../comparators/index.ts'
import { undisputed, variants } from '../legal/variants.ts'
import { CLASSES, mutants, type Class } from '../mutants/index.ts'
import { FIRST_REPORTED } from '../questions.ts'
import { falseAlarms } from '../rates.ts'
import type { EquationResult, Rate, Results } from '../results.ts'
import { sweeps } from '../sweep.ts'
import { allAlarms, distinctRuns, drawnResults, suitesOf } from '../totals.ts'
import { sizeTable } from './at-size.ts'
import { comparisonTable } from './comparisons.ts'
import { heard } from './detectors.ts'
import { disputedTable } from './disputed.ts'
import { equationTable } from './equations.ts'
import { imitatedBugs, imitatedTable, toldTable } from './imitated.ts'
import { loudnessTable } from './loudness.ts'
import { invisibleLines, missedSections } from './missed.ts'
import { nearestTable } from './nearest.ts'
import { probeComparisonTable, probeTable } from './probes.ts'
import { suiteTable } from './suites.ts'
import { sweepTable } from './sweeps.ts'
import { listed, markdown } from './table.ts'

/** `docs/sensitivity.md`: how often the judge cries wolf, and what it misses, from stored results. */
export function sensitivityDocument(results: Results): string {
  const suites = suitesOf(results)
  const plain = Object.values(results.equations)
  const alarms = falseAlarms(drawnResults(results), 'outputs')
  const bound = upperBound(alarms)
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
    ...markdown(equationTable(results)),
    '',
    '## Against other comparisons, on the same tensors',
    '',
    'The others see the equation’s own outputs, as the first line does. _Directions_ are named bugs, `check --directions always`. Shares of distinct honest runs called wrong, and of visible bugs caught.',
    '',
    ...markdown(comparisonTable(results)),
    '',
    ...comparators.map(({ id, about }) => `- **${id}**: ${about}.`),
    '',
    '## What a legal runtime may do too',
    '',
    'exp, rsqrt and logarithms may err by what the profile allows them, and where they err one way everywhere they may do nearly what a bug does: two LayerNorms with an rsqrt',
    '2 ULP high are a temperature 2.4e-7 to 4.8e-7 too large. A visible bug is _imitated_ on a question where a runtime that rounds nothing, and each call of whose functions errs by a',
    'share of what it may at every value, comes within 6 of it in ‖(bug − legal)/s‖; the shares are fitted bug by bug. It goes on from anything',
    'that rounds to what it shows. What both show cannot be told apart, rounding coming to it.',
    'Imitated / visible, on drawn questions:',
    '',
    ...markdown(imitatedTable(results)),
    '',
    `From outputs: ${imitatedBugs(results).join(', ')}.`,
    '',
    'The bugs that are visible and not imitated, and what of them is caught: on drawn questions run by run, and all questions as a suite (see there).',
    '',
    ...markdown(toldTable(results)),
    '',
    '## As a suite',
    '',
    'A bug is in its runtime on every question. Here all questions of an equation that bugs were asked, drawn ones and probes, are one suite, as in CI: a bug that is',
    'visible on any of them is caught if any is red, and an honest runtime is called wrong if any is. Pairs of bug, or runtime, and equation.',
    '',
    ...markdown(suiteTable(results)),
    '',
    '## On the probes',
    '',
    'The questions of `touchstone list --probes`, each asked of every equation that it says something of. Honest runs are distinct ones; bugs: caught / visible.',
    '',
    ...markdown(probeTable(results)),
    '',
    ...markdown(probeComparisonTable(results)),
    '',
    '## At the size of a model',
    '',
    'Honest runtimes alone, a question of each equation at DeiT-Ti’s size (C = 192, 197 tokens, three heads; losses over 64 × 1000). The long sums are here.',
    '',
    ...markdown(sizeTable(results)),
    '',
    '## How near honest runs come',
    '',
    `Of ${distinct.drawn + distinct.probes + distinct.atSize} distinct honest runs (${distinct.drawn} on drawn questions, ${distinct.probes} on probes, ${distinct.atSize} at the size of a model), from outputs and with`,
    'intermediates, the largest share of its threshold that each statistic reached. Thresholds are those of that tensor. Of directions, those that independent noise would',
    'not explain: for the others no noise is drawn, and none can be suspected.',
    '',
    ...markdown(nearestTable(results)),
    '',
    '## Legal by the letter, and called wrong',
    '',
    'Runtimes that the profile allows, and that the judge is left to call wrong: not among the honest ones above. Questions, drawn and of probes, on which it does.',
    '',
    ...markdown(disputedTable(results)),
    '',
    ...variants.flatMap(({ id, disputed }) => (disputed === undefined ? [] : [`- **${id}**: ${disputed}`])),
    '',
    '## How loud a bug must be',
    '',
    'What Touchstone catches by signal-to-noise: caught / visible.',
    '',
    ...markdown(loudnessTable(results)),
    '',
    '## The least fault that is caught',
    '',
    `δ in the median of six questions, two of each magnitude; caught together with every larger one. ${sweeps.map(({ id, about }) => `_${id}_: ${about}`).join('; ')}.`,
    '',
    ...markdown(sweepTable(results)),
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
    ...missedSections(suites, heard(results).includes('outputs, directions')),
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

/** The largest rate that no event in n runs leaves open, at 95 %: 1 − 0.05^(1/n). */
function upperBound({ hits, of }: Rate): string {
  if (of === 0 || hits > 0) return ''
  return (1 - 0.05 ** (1 / of)).toExponential(1)
}
