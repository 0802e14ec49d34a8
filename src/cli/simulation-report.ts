import { formatDesign } from '../arithmetics/simulated/parse-design.ts'
import type { OutputLoss } from '../verification/loss.ts'
import type { Drift, Simulation } from '../verification/simulation.ts'
import type { Judge } from '../verdict/judgement.ts'
import { judgedBy } from './report.ts'
import { table } from './table.ts'
import { paint } from './terminal.ts'

/** What `simulate` prints: a line per output, the drift, and the verdict that the design would get. */
export function simulationReport(
  { id, design, cases, verdict, outputs, drift }: Simulation,
  judge: Judge,
): string {
  const headings = ['output', 'max ULP', 'RMS ULP', 'max dev.', 'RMS dev.', 'bound', 'flips', 'verdict', '']
  return [
    table(headings, outputs.map(row)),
    '',
    driftLine(drift),
    repeatedLine(drift),
    paint.dim(
      'ULP: of the RMS value of the tensor. dev.: standard deviations of legal noise. bound: share of it, above 1 a proof.',
    ),
    paint.dim(judgedBy(judge)),
    `${paint.verdict(verdict)}  ${formatDesign(design) || 'the plain design'} on ${id}, ${cases} ${cases === 1 ? 'case' : 'cases'}`,
  ].join('\n')
}

function row({
  name,
  cases,
  elements,
  maxUlp,
  rmsUlp,
  maxDeviations,
  rmsDeviations,
  share,
  flips,
  verdict,
  verdicts,
  reason,
}: OutputLoss): string[] {
  const mask = flips !== undefined
  const own = verdicts[verdict] ?? 0
  return [
    name,
    mask ? '–' : number(maxUlp),
    mask ? '–' : number(rmsUlp),
    mask ? '–' : number(maxDeviations),
    mask ? '–' : number(rmsDeviations),
    mask || share === null ? '–' : number(share),
    mask ? `${flips.total} of ${elements}, ${flips.legal} legal` : '–',
    `${paint.verdict(verdict)}${own === cases ? '' : ` in ${own} of ${cases}`}`,
    reason === undefined ? '' : paint.dim(reason),
  ]
}

function driftLine({ output, kind, simulated, reference }: Drift): string {
  if (kind === 'mask') return `drift: ${number(simulated)} of the entries of ${output} flip`
  const ratio =
    simulated === null || reference === null || reference === 0
      ? ''
      : `, ${number(simulated / reference)} × that of the reference`
  return `drift: ${output} changes by ${number(simulated)} of its RMS${ratio}`
}

function repeatedLine({ output, repeated }: Drift): string {
  if (repeated === undefined) return `depth: ${output} is no input again, so that nothing is carried on`
  const { input, layers, first, last, finite } = repeated
  const fed = `depth: ${repeated.output} fed back as ${input}:`
  if (first === null || last === null) return `${fed} not finite`
  const ratio = first === 0 ? '' : `, ${number(last / first)} × that of one`
  const end = finite ? '' : '; then it is not finite'
  return `${fed} after ${layers} ${layers === 1 ? 'layer' : 'layers'} it is ${number(last)} off${ratio}${end}`
}

function number(x: number | null): string {
  if (x === null) return '∞'
  return x === 0 ? '0' : x.toPrecision(2)
}
