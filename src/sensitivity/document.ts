import { comparators } from './comparators/index.ts'
import { variants } from './legal/variants.ts'
import { mutants, type Class } from './mutants/index.ts'
import { FIRST_REPORTED } from './questions.ts'
import { falseAlarms, invisible } from './rates.ts'
import { type EquationResult, type Results } from './results.ts'
import {
  CLASSES,
  DETECTOR_HEADINGS,
  detectorRows,
  EQUATION_HEADINGS,
  equationRows,
  heard,
  LOUDNESS_HEADINGS,
  loudnessRows,
  nameOf,
  SIZE_HEADINGS,
  sizeRows,
  suiteRows,
  SUITE_HEADINGS,
  sweepRows,
  upperBound,
} from './summary.ts'
import { sweeps } from './sweep.ts'

/** `docs/sensitivity.md`: how often the judge cries wolf, and what it misses, from stored results. */
export function sensitivityDocument(results: Results): string {
  const entries = Object.entries(results.equations)
  const plain = entries.map(([, result]) => result)
  const alarms = falseAlarms(plain, 'outputs')
  const bound = upperBound(alarms)
  const asked = heard(results)
  return [
    '# Sensitivity: what the judge notices, and how often it cries wolf',
    '',
    `Measured by \`touchstone sensitivity\`, which makes this page from \`sensitivity.json\`. Judge: ${results.judge}. Catalogue: ${results.catalogue}.`,
    `${seedsOf(plain)}; thresholds may be tuned on seeds below ${FIRST_REPORTED} only.`,
    '',
    `${variants.length} honest float32 runtimes and ${mutants.length} planted bugs (${pairCount()} pairs of bug and equation) answer the same drawn questions:`,
    'streams of root mean square 1, 30 and 0.01 by turns, one question in eight wider than the others, ε 1e-6 and 1e-5. A run of an honest runtime that gave',
    'the very tensors of another one counts once, as _distinct_. Red is `fail` or `suspect`.',
    '',
    `A bug is _visible_ on a question where ‖(bug − truth)/s‖ is at least 6 in what is shown, s being the standard deviation of legal rounding noise; below that`,
    'nobody can tell it from noise. "caught / visible" counts runs. Bugs are planted in the reference and in a plain sequential runtime by turns.',
    '',
    '## Equation by equation',
    '',
    `"alarms" are false ones, from outputs alone + with intermediates.${bound === '' ? '' : ` None from outputs in ${alarms.of} distinct runs bounds the rate by ${bound} at 95 %.`} The other columns: caught / visible.`,
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
    '## As a suite',
    '',
    'A bug is in its runtime on every question. Here all questions of an equation together are one suite, as in CI: a bug that is visible on any of them is caught if',
    'any is red, and an honest runtime is called wrong if any is. Pairs of bug, or runtime, and equation.',
    '',
    ...markdown(SUITE_HEADINGS, suiteRows(results)),
    '',
    '## At the size of a model',
    '',
    'Honest runtimes alone, a question of each equation at DeiT-Ti’s size (C = 192, 197 tokens, three heads; losses over 64 × 1000). The long sums are here.',
    '',
    ...markdown(SIZE_HEADINGS, sizeRows(results)),
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
    ...listed(
      [
        ...entries.map(([id, { alarms: own }]) => [id, own] as const),
        ...Object.entries(results.atSize).map(
          ([id, { complaints }]) => [`${id} at size`, complaints] as const,
        ),
      ].flatMap(([id, own]) => own.map((alarm) => `${id} ${alarm}`)),
    ),
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
    'Never above a signal-to-noise of 6, on any question of these seeds:',
    '',
    ...listed(entries.flatMap(([id, result]) => invisibleLines(id, result))),
    '',
    '## Visible, and missed',
    '',
    'caught / visible, from outputs and with intermediates; then a few seeds with the exposure and the signal-to-noise that went through.',
    '',
    ...listed(entries.flatMap(([id, result]) => missedLines(id, result))),
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
  const from = Math.min(...results.map((result) => result.from))
  const counts = results.map(({ count }) => count)
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  return `Seeds ${from} to ${from + most - 1}${least === most ? '' : ` (at least ${least} of them for each equation)`}`
}

function markdown(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)]
}

function listed(lines: readonly string[]): string[] {
  return lines.length === 0 ? ['None.'] : lines.map((line) => `- ${line}`)
}

function invisibleLines(id: string, result: EquationResult): string[] {
  const everywhere = invisible(result, 'intermediates')
  const proved = (mutant: string): boolean =>
    mutants.find((each) => each.id === mutant)?.equivalent?.[id] !== undefined
  return invisible(result, 'outputs')
    .filter((mutant) => everywhere.includes(mutant) || !proved(mutant))
    .map((mutant) => {
      const { loudest } = result.mutants[mutant]
      const where = everywhere.includes(mutant) ? 'anywhere' : 'in the outputs'
      return `${id} **${mutant}** ${where}: at most ${everywhere.includes(mutant) ? Math.max(...loudest) : loudest[0]}`
    })
}

function missedLines(id: string, result: EquationResult): string[] {
  return Object.entries(result.mutants).flatMap(([mutant, { magnitudes, missed }]) => {
    if (missed.length === 0) return []
    const tallies = Object.values(magnitudes)
    const of = (i: number): string =>
      `${tallies.reduce((sum, { caught }) => sum + caught[i], 0)} / ${tallies.reduce((sum, { visible }) => sum + visible[i], 0)}`
    return [`${id} **${mutant}** ${of(0)}, ${of(1)}: ${missed.join('; ')}`]
  })
}
