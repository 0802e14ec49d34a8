import { Command } from 'commander'
import { arithmeticNamed, arithmetics } from '../../arithmetics/index.ts'
import { catalogue, equations as numbered } from '../../catalogue/index.ts'
import { probesFor } from '../../catalogue/probes/index.ts'
import type { Equation } from '../../catalogue/schema.ts'
import { demandWritable } from '../../files.ts'
import { decodeImage } from '../../images/decode.ts'
import type { GoldenResult } from '../../goldens/verify.ts'
import { laws, type Law } from '../../laws/index.ts'
import { drawnCases, probedCases, type CaseResult } from '../../verification/cases.ts'
import { imageCases } from '../../verification/images.ts'
import { binds, tryLaw, type LawResult } from '../../verification/laws.ts'
import { judge } from '../../verdict/index.ts'
import { goldensHere } from '../goldens-here.ts'
import { writeJson } from '../json.ts'
import { matching } from '../matching.ts'
import { acceptSuspectOption, HELD, jsonOption, seedOption, wholeNumber, WRONG } from '../options.ts'
import { describeJudge } from '../report.ts'
import { progress, terminal } from '../terminal.ts'
import { verificationReport } from '../verification-report.ts'

interface Options {
  readonly equation: string
  readonly arithmetic: string
  readonly seed: number
  readonly cases: number
  readonly image: readonly string[]
  readonly json?: string
  readonly acceptSuspect?: boolean
}

/** Equations on one photograph: Sparsifiner's Eq. (4) is asked both ways. */
const QUESTIONS_PER_IMAGE = numbered.length + 1

/** `touchstone verify`: the main job. */
export function verifyCommand(done: (code: number) => void): Command {
  return new Command('verify')
    .description(
      'the main job: every equation against truth on drawn cases, probes and photographs, and every law',
    )
    .option('--equation <glob>', 'only the equations whose id matches, and the laws that examine them', '**')
    .option(
      '--arithmetic <name>',
      `what is verified: ${arithmetics.map(({ name }) => name).join(', ')}`,
      'float32',
    )
    .option('--cases <n>', 'drawn cases per equation and trials per law', wholeNumber(1), 50)
    .option(
      '--image <file>',
      'also on the tokens of this photograph (PNG or JPEG), at DeiT-S size; may be given again',
      (file: string, files: readonly string[]) => [...files, file],
      [],
    )
    .addOption(seedOption())
    .addOption(jsonOption())
    .addOption(acceptSuspectOption())
    .action(async (options: Options) => {
      done(await verify(options))
    })
}

async function verify(options: Options): Promise<number> {
  const { seed, cases, image, json, acceptSuspect = false } = options
  if (json !== undefined && json !== '-') demandWritable(json)
  const started = performance.now()
  // before any work: a photograph that cannot be read
  for (const file of image) await decodeImage(file)
  const answerer = arithmeticNamed(options.arithmetic)
  const equations = matching(options.equation)
  const chosenLaws = laws.filter((law) => concerns(law, equations) && binds(law, answerer))

  const probed = equations.reduce((sum, equation) => sum + probesFor(equation).length, 0)
  const bar = progress(
    equations.length * cases + probed + chosenLaws.length + image.length * QUESTIONS_PER_IMAGE,
  )
  const results: CaseResult[] = []
  const goldens: GoldenResult[] = []
  let lawResults: readonly LawResult[] = []
  try {
    for (const equation of equations) {
      for (const result of drawnCases(answerer, equation, seed, cases)) {
        bar.step(equation.id)
        results.push(result)
      }
      for (const result of probedCases(answerer, equation, seed)) {
        bar.step(`${equation.id} ${result.probe}`)
        results.push(result)
      }
    }
    lawResults = chosenLaws.map((law) => {
      bar.step(law.id)
      return tryLaw(answerer, law, seed, cases)
    })
    for (const result of goldensHere(equations)) {
      bar.step(result.golden)
      goldens.push(result)
    }
    for (const file of image) {
      for await (const result of imageCases(answerer, equations, file, seed)) {
        bar.step(`${file} ${result.id}`)
        results.push(result)
      }
    }
  } finally {
    bar.stop()
  }

  const seconds = (performance.now() - started) / 1000
  if (json !== '-')
    terminal.out(
      verificationReport({ answerer, equations, results, laws: lawResults, goldens, seed, seconds }),
    )
  if (json !== undefined) {
    writeJson(json, {
      ...describeJudge(judge),
      arithmetic: answerer.name,
      seed,
      seconds,
      results,
      laws: lawResults,
      goldens,
    })
  }
  const wrong = acceptSuspect ? ['fail'] : ['fail', 'suspect']
  return [...results, ...lawResults, ...goldens].some(({ verdict }) => wrong.includes(verdict)) ? WRONG : HELD
}

/** Laws of primitives and files concern every equation, and so are tried unless only some were asked for. */
function concerns(law: Law, equations: readonly Equation[]): boolean {
  if (law.equations.length === 0) return equations.length === catalogue.length
  return equations.some(({ id }) => law.equations.includes(id))
}
