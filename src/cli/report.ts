import type { Comparison, Judge, Judgement, OutputJudgement, Worst, Verdict } from '../verdict/judgement.ts'
import type { Blame } from '../verdict/directions/index.ts'
import { verdictVersions } from '../verdict/judge/index.ts'
import { paint } from './terminal.ts'

/** A judgement as lines of text: the verdict, then what is wrong, in order of computing. */
export function judgementLines({ id, verdict, outputs, absent, settled = [], blame }: Judgement): string[] {
  const first = outputs.find(({ fromUpstream, reason, verdict: own }) =>
    isWrong(fromUpstream?.verdict ?? (reason === undefined ? 'pass' : own)),
  )
  const isNamed = blame?.findings.some(({ kind }) => kind === 'consistent') === true
  const lines = [`${paint.verdict(verdict)}  ${id}${summary(outputs)}`]
  for (const output of outputs) {
    if (output.verdict === 'pass') continue
    lines.push(
      `  ${output.name}: ${paint.verdict(output.verdict)}${output.reason === undefined ? '' : `, ${output.reason}`}`,
    )
    const { fromInputs, fromUpstream } = output
    if (fromUpstream?.worst !== undefined && isWrong(fromUpstream.verdict)) {
      lines.push(`    on its own upstream: ${place(fromUpstream.worst)}`)
    } else if (fromInputs?.worst !== undefined && isWrong(fromInputs.verdict)) {
      lines.push(`    from the inputs (on its own upstream it holds): ${place(fromInputs.worst)}`)
    }
    if (output.arrangement !== undefined && !(isNamed && output.arrangement.kind === 'unlike'))
      lines.push(`    ${paint.bold(output.arrangement.says)}`)
  }
  if (outputs.length > 1 && first !== undefined)
    lines.push(`  first wrong on its own upstream: ${paint.bold(first.name)}`)
  const wrong = outputs.filter((output) => isWrong(output.verdict))
  lines.push(
    ...blameLines(verdict, blame, {
      isWrongBesides: wrong.length > 0,
      isArranged: first?.arrangement?.kind === 'whole',
      hasErrors: wrong.length === 0 || wrong.some((output) => comparisonsOf([output]).length > 0),
    }),
  )
  if (outputs.length === 0) lines.push('  the file has no output.* to judge')
  for (const { name, rows } of settled) {
    const some = `${rows} row${rows === 1 ? '' : 's'}`
    lines.push(
      paint.dim(`  ${name} is not in the file: ${some} that rounding may turn taken as fits it best`),
    )
  }
  if (absent.length > 0) lines.push(paint.dim(`  not in the file: ${absent.join(', ')}`))
  return lines
}

/** The share of errors that is most of them: where about the whole of one bug is in them, and where some other multiple of it is. */
const MAIN = { whole: 0.5, other: 0.8 }
/** At most this many explanations are shown. */
const EXPLANATIONS = 3

/** What is wrong but for directions. */
interface Wrong {
  readonly isWrongBesides: boolean
  /** Whether the first that is wrong is said to be another tensor. */
  readonly isArranged: boolean
  /** Whether any of it has errors at all: a tensor of another shape has none. */
  readonly hasErrors: boolean
}

/**
 * What the errors look like: bugs that they are consistent with, if there are any; else bugs that they lean along by something like
 * the whole of one, and that explain most of them. Where nothing but that is wrong, they are the verdict's reason, however little they are. JSON has
 * them all.
 */
function blameLines(
  verdict: Verdict,
  blame: Blame | undefined,
  { isWrongBesides, isArranged, hasErrors }: Wrong,
): string[] {
  if (blame === undefined || !isWrong(verdict)) return []
  const { findings, tried } = blame
  const consistent = findings.filter(({ kind }) => kind === 'consistent')
  const leaning = findings.filter(({ id, beta, explained, profile, mismatches: { before, after } }) => {
    if (!isWrongBesides) return true
    // a tensor that is another goes along anything
    if (isArranged || !(id.startsWith('gain/') || isOfItsSize(beta))) return false
    // of two factors that a format rounds, one may be
    const main = profile !== undefined || isAboutWhole(beta) ? MAIN.whole : MAIN.other
    return explained >= main || before - after >= MAIN.whole * Math.max(1, before)
  })
  // less than none of a bug is seldom what is wrong
  const likely = leaning.some(isPositive) ? leaning.filter(isPositive) : leaning
  const shown = (consistent.length > 0 ? consistent : isWrongBesides ? likely : leaning).slice(
    0,
    EXPLANATIONS,
  )
  // what it is instead is said already
  if (shown.length === 0)
    return isArranged || !hasErrors
      ? []
      : [paint.dim(`  looks like none of the ${tried} named bugs that were tried`)]
  return shown.map(({ sentence, alike, kind, profile }) => {
    const others = alike.length === 0 ? '' : `; here not to be told from ${listOf(alike)}`
    const meant =
      kind === 'consistent' && profile !== undefined ? `; if it is meant: --profile ${profile}` : ''
    return `  ${paint.bold(sentence)}${others}${meant}`
  })
}

/** The first few bugs in words; what else is alike counts. */
function listOf(alike: Blame['findings'][number]['alike']): string {
  const rest = alike.length - EXPLANATIONS
  const first = alike.slice(0, EXPLANATIONS).map(({ says }) => says)
  return `${first.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

function isPositive({ id, beta }: Blame['findings'][number]): boolean {
  return beta === null || beta > 0 || id.startsWith('gain/')
}

/** β of a bug that is there, perhaps with another beside it. */
function isAboutWhole(beta: number | null): boolean {
  return beta === null || (beta > 0.7 && beta < 1.4)
}

/** β of a bug that is as large as the errors. */
function isOfItsSize(beta: number | null): boolean {
  return beta === null || (Math.abs(beta) > 0.2 && Math.abs(beta) < 5)
}

/** Who judged: what a verdict means, and relative to which profile. */
export function judgedBy({ name, profile }: Judge): string {
  return `judged by: ${name}, profile ${profile.name}`
}

/** The same for JSON. */
export function describeJudge({ name, profile }: Judge): {
  judge: string
  profile: string
  versions: object
} {
  return { judge: name, profile: profile.name, versions: verdictVersions }
}

/** How far off the tensors are; what no number of bounds or deviations tells, a NaN, a wrong shape, a flipped mask, is counted apart. */
function summary(outputs: readonly OutputJudgement[]): string {
  if (comparisonsOf(outputs).length === 0) return ''
  const beyond = outputs.filter((output) => output.verdict === 'fail' && !(largestShare(output) > 1))
  const rest = comparisonsOf(outputs.filter((output) => !beyond.includes(output)))
  const largest = (of: (comparison: Comparison) => number | null | undefined): string =>
    Math.max(0, ...rest.map((comparison) => of(comparison) ?? 0)).toPrecision(2)
  const share = largest((comparison) => comparison.share)
  const deviations = largest((comparison) => comparison.worst?.deviations)
  const parts = [
    `${outputs.length} tensor${outputs.length === 1 ? '' : 's'}`,
    ...(beyond.length === 0 ? [] : [`${beyond.length} wrong otherwise than by rounding`]),
    ...(rest.length === 0
      ? []
      : [
          `${beyond.length === 0 ? '' : 'the others '}at most ${share} of the bound and ${deviations} deviations of rounding noise off`,
        ]),
  ]
  return `  ${parts.join(', ')}`
}

function comparisonsOf(outputs: readonly OutputJudgement[]): Comparison[] {
  return outputs.flatMap(({ fromInputs, fromUpstream }) => [fromInputs ?? [], fromUpstream ?? []].flat())
}

function largestShare(output: OutputJudgement): number {
  return Math.max(0, ...comparisonsOf([output]).map(({ share }) => share ?? 0))
}

function place({
  coordinates,
  expected,
  found,
  expectedHex,
  foundHex,
  ulp,
  bound,
  deviations,
}: Worst): string {
  const numbers = [
    ...(ulp === null ? [] : [`${ulp} ULP`]),
    ...(bound === null ? [] : [`bound ${bound.toPrecision(3)}`]),
    ...(deviations === null ? [] : [`${deviations.toPrecision(3)} deviations`]),
  ]
  return [
    `at [${coordinates.join(', ')}] expected ${expected} (${expectedHex}), found ${found} (${foundHex})`,
    ...numbers,
  ].join(', ')
}

function isWrong(verdict: string): boolean {
  return verdict === 'fail' || verdict === 'suspect'
}
