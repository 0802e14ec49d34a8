import { GPU } from '../arithmetics/gpu.ts'
import type { Answerer } from '../arithmetics/index.ts'
import { surroundings } from '../catalogue/index.ts'
import type { Equation } from '../catalogue/schema.ts'
import { comparisonsOf, furthest, type CaseResult } from '../verification/cases.ts'
import { hasComposites, type GpuVerification } from '../verification/gpu.ts'
import type { GoldenResult } from '../goldens/verify.ts'
import type { LawResult } from '../verification/laws.ts'
import { judge } from '../verdict/index.ts'
import { worstOf } from '../verdict/judgement.ts'
import { goldenLines } from './golden-report.ts'
import { judgedBy, judgementLines } from './report.ts'
import { table } from './table.ts'
import { paint } from './terminal.ts'

export interface Verification {
  /** Whose answers `results` are. */
  readonly answerer: Pick<Answerer, 'name'>
  readonly equations: readonly Equation[]
  readonly results: readonly CaseResult[]
  readonly laws: readonly LawResult[]
  readonly goldens: readonly GoldenResult[]
  /** What came of the GPU, or why there is none. */
  readonly gpu: GpuVerification | string
  readonly seed: number
  readonly seconds: number
}

/** The GPU with fused kernels, as `run --arithmetic` takes it. */
const FUSED = `${GPU} --fused`

/** At most this many failures are shown in full. */
const SHOWN = 5

/** What `verify` prints: a line per equation, what broke and how to see it again, and the sum of it all. */
export function verificationReport(verification: Verification): string {
  const { answerer, equations, results, laws, goldens, gpu, seed, seconds } = verification
  const rows = equations.map((equation) => row(equation, verification))
  const headings = [
    'equation',
    'drawn',
    'probes',
    'photos',
    'tensors',
    'bound',
    'worst',
    'RMS',
    'laws',
    'GPU',
    'fused',
    'verdict',
    '',
  ]
  // where the GPU is all that is verified, its results are the results
  const onGpu = typeof gpu === 'string' || answerer.name === GPU ? [] : gpu.results
  const fused = typeof gpu === 'string' ? [] : gpu.fused
  const failed = [...results, ...laws, ...onGpu, ...fused].filter(({ verdict }) => verdict !== 'pass')
  const held = laws.filter(({ verdict }) => verdict === 'pass').length
  return [
    table(headings, rows),
    '',
    ...brokenCases(answerer.name, results),
    ...brokenCases(GPU, onGpu),
    ...brokenCases(FUSED, fused),
    ...brokenLaws(laws),
    ...(failed.length === 0 ? [] : ['']),
    ...(goldens.length === 0 ? [] : [...goldenLines(goldens), '']),
    paint.dim(
      'bound: largest error as a share of what the profile allows, above 1 a proof; worst, RMS: errors in standard deviations of legal noise; GPU: its bound and worst; fused: the same of outputs alone, with a kernel for each composite.',
    ),
    paint.dim(`${judgedBy(judge)}; seed ${seed}`),
    gpuLine(gpu),
    `${paint.verdict(worstOf([...results, ...laws, ...goldens].map(({ verdict }) => verdict)))}  ${answerer.name}: ` +
      `${counted(equations)}, ${results.length} cases, ${laws.length === 0 ? '' : `${held} of ${laws.length} laws held, `}${seconds.toFixed(1)} s`,
  ].join('\n')
}

/** `18 equations, 4 around them`. */
function counted(all: readonly Equation[]): string {
  const around = all.filter((equation) => surroundings.includes(equation)).length
  const numbered = all.length - around
  return `${numbered} equation${numbered === 1 ? '' : 's'}${around === 0 ? '' : `, ${around} around them`}`
}

function row(equation: Equation, { results, laws, gpu }: Verification): string[] {
  const { id, title } = equation
  const own = results.filter((result) => result.id === id)
  const comparisons = own.flatMap(comparisonsOf)
  const { share, deviations } = furthest(comparisons)
  // over fewer elements one draw of the noise decides the RMS
  const rms = comparisons.flatMap((comparison) => (comparison.elements >= 256 ? (comparison.rms ?? []) : []))
  const about = laws.filter(({ equations }) => equations.includes(id))
  const lawsHeld = about.filter(({ verdict }) => verdict === 'pass').length
  return [
    id,
    `${own.filter(({ file, probe }) => file === null && probe === undefined).length}`,
    `${own.filter(({ probe }) => probe !== undefined).length}`,
    `${own.filter(({ file }) => file !== null).length}`,
    `${own.reduce((sum, { outputs }) => sum + outputs.length, 0)}`,
    number(share),
    number(deviations),
    rms.length === 0 ? '–' : number(Math.max(...rms)),
    about.length === 0 ? '–' : `${lawsHeld}/${about.length}`,
    gpuCell(equation, gpu, 'results'),
    gpuCell(equation, gpu, 'fused'),
    paint.verdict(worstOf([...own, ...about].map(({ verdict }) => verdict))),
    paint.dim(title),
  ]
}

/** The verdict on the GPU's answers, its share of the bound, and its worst element. */
function gpuCell(equation: Equation, gpu: Verification['gpu'], which: 'results' | 'fused'): string {
  if (typeof gpu === 'string' || (which === 'fused' && !hasComposites(equation))) return '–'
  const { id } = equation
  if (gpu.troubles.some((trouble) => trouble.id === id)) return paint.verdict('error')
  const own = gpu[which].filter((result) => result.id === id)
  if (own.length === 0) return '–'
  const verdict = worstOf(own.map((result) => result.verdict))
  const { share, deviations } = furthest(own.flatMap(comparisonsOf))
  return `${paint.verdict(verdict)} ${number(share)} ${number(deviations)}`
}

/** Which GPU it was and how it did, or why there is none. */
function gpuLine(gpu: Verification['gpu']): string {
  if (typeof gpu === 'string') return `${paint.verdict('not-judged')}  gpu: ${gpu}`
  const { answerer, results, fused, troubles } = gpu
  const { name, driver } = answerer.adapter
  const verdict =
    troubles.length > 0 ? 'error' : worstOf([...results, ...fused].map((result) => result.verdict))
  return [
    `${paint.verdict(verdict)}  gpu: ${results.length} cases on ${name} (${driver})${fused.length === 0 ? '' : `, ${fused.length} of them also fused`}`,
    ...troubles.map(({ id, message }) => `  ${id}: ${message}`),
  ].join('\n')
}

function number(x: number): string {
  return x === 0 ? '0' : x.toPrecision(2)
}

function brokenCases(name: string, results: readonly CaseResult[]): string[] {
  const broken = results.filter(({ verdict }) => verdict !== 'pass')
  const lines = broken.slice(0, SHOWN).flatMap((result) => {
    const { id, file, probe, seed } = result
    const drawn = `${id}${probe === undefined ? '' : ` --probe ${probe}`} --seed ${seed}`
    const again =
      file === null
        ? `touchstone emit ${drawn} -o case.safetensors; touchstone run case.safetensors --arithmetic ${name} ${name === FUSED ? '' : '--intermediates '}-o case.safetensors; touchstone check case.safetensors`
        : `touchstone verify --equation ${id} --arithmetic ${name === FUSED ? GPU : name} --image ${file} --seed ${seed} --cases 1`
    return [judgementLines(result).join('\n'), `  again: ${again}`]
  })
  if (broken.length > SHOWN) lines.push(`and ${broken.length - SHOWN} more cases`)
  return lines
}

function brokenLaws(laws: readonly LawResult[]): string[] {
  return laws.flatMap(({ law, statement, equations, broken }) => {
    if (broken === undefined) return []
    const only = equations.length === 0 ? '' : ` --equation ${equations[0]}`
    return [
      `${paint.verdict('fail')}  law ${law}: ${statement}`,
      `  ${broken.message}`,
      `  again: touchstone verify${only} --seed ${broken.trial.seed} --cases 1`,
    ]
  })
}
