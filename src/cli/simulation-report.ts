import { formatDesign } from '../arithmetics/simulated/parse-design.ts'
import type { OutputLoss } from '../verification/loss.ts'
import type { Drift, Simulation } from '../verification/simulation.ts'
import { judge } from '../verdict/index.ts'
import { table } from './table.ts'
import { paint } from './terminal.ts'

/** What `simulate` prints: a line per output, the drift, and the verdict that the design would get. */
export function simulationReport({ id, design, cases, verdict, outputs, drift }: Simulation): string {
  const headings = ['output', 'max ULP', 'RMS ULP', 'max dev.', 'RMS dev.', 'flips', 'verdict', '']
  return [
    table(headings, outputs.map(row)),
    '',
    driftLine(drift),
    repeatedLine(drift),
    paint.dim('ULP: of the RMS value of the tensor. dev.: standard deviations of legal float32 noise.'),
    paint.dim(`judged by: ${judge.name}`),
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
    mask ? `${flips.total} of ${elements}, ${flips.legal} legal` : '–',
    `${paint.verdict(verdict)}${own === cases ? '' : ` in ${own} of ${cases}`}`,
    reason === undefined ? '' : paint.dim(reason),
  ]
}

function driftLine({ output, simulated, reference }: Drift): string {
  const ratio =
    simulated === null || reference === null || reference === 0
      ? ''
      : `, ${number(simulated / reference)} × that of the reference`
  return `drift: ${output} changes by ${number(simulated)} of its RMS${ratio}`
}

function repeatedLine({ output, repeated }: Drift): string {
  if (repeated === undefined) return `depth: ${output} is no input again, so that nothing is carried on`
  const { input, layers, first, last } = repeated
  const ratio = first === 0 ? '' : `, ${number(last / first)} × that of one`
  return `depth: ${repeated.output} fed back as ${input}: after ${layers} ${layers === 1 ? 'layer' : 'layers'} it is ${number(last)} off${ratio}`
}

function number(x: number | null): string {
  if (x === null) return '∞'
  return x === 0 ? '0' : x.toPrecision(2)
}
