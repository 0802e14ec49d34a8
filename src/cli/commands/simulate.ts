import { existsSync } from 'node:fs'
import { Command, Option } from 'commander'
import {
  designFields,
  designKeys,
  plainDesign,
  type RuntimeDesign,
} from '../../arithmetics/simulated/design.ts'
import { optionName, readDesign } from '../../arithmetics/simulated/parse-design.ts'
import { findProbe, probeQuestion } from '../../catalogue/probes/index.ts'
import { sample } from '../../catalogue/sample.ts'
import { findEquation } from '../../cases/names.ts'
import type { Question } from '../../cases/question.ts'
import { readCase } from '../../cases/read-case.ts'
import { readTensorFile } from '../../cases/tensor-files.ts'
import { demandWritable, inFile } from '../../files.ts'
import { judgeUnder } from '../../verdict/judge/index.ts'
import { profileNamed } from '../../verdict/profile/read.ts'
import { simulate, type Simulation } from '../../verification/simulation.ts'
import { refuseIdle } from '../contradictions.ts'
import { writeJson } from '../json.ts'
import {
  acceptSuspectOption,
  allowNonFiniteOption,
  HELD,
  jsonOption,
  seedOption,
  wholeNumber,
  WRONG,
} from '../options.ts'
import { readSampling, type SamplingTexts } from '../sampling-options.ts'
import { describeJudge } from '../report.ts'
import { simulationReport } from '../simulation-report.ts'
import { terminal } from '../terminal.ts'

/** All are held at once. */
const MOST_CASES = 10_000

type DesignTexts = { readonly [K in keyof RuntimeDesign]?: string }

interface Options extends SamplingTexts, DesignTexts {
  readonly probe?: string
  readonly seed: number
  readonly cases: number
  readonly depth: number
  readonly intermediates?: boolean
  readonly allowNonFinite?: boolean
  readonly profile: string
  readonly json?: string
  readonly acceptSuspect?: boolean
}

/** `touchstone simulate`: what a planned runtime would lose. */
export function simulateCommand(done: (code: number) => void): Command {
  const command = new Command('simulate')
    .description(
      'what a runtime of that design would lose: its errors, its verdict, the drift it would cause',
    )
    .argument('<what>', 'an equation, for example stvit/eq1, or a case, a .safetensors file')
  for (const key of designKeys) {
    const { about, forms } = designFields[key]
    command.addOption(
      new Option(`--${optionName(key)} <how>`, `${about}: ${forms} (default: ${plainDesign[key]})`),
    )
  }
  return command
    .option('--cases <n>', 'drawn cases of an equation', wholeNumber(1, MOST_CASES), 5)
    .option('--depth <n>', 'how often the equation is repeated on its own output', wholeNumber(1), 12)
    .option(
      '--config <json>',
      'config keys to use: \'{"heads": 3}\'; "touchstone list ID" names them; without it the options are drawn too',
    )
    .option('--sizes <json>', 'extents to use, by symbol: \'{"Ns": 16, "Ni": 196, "C": 384}\'')
    .option('--batch <json>', 'leading dimensions to use: "[2]" or "[]"')
    .option(
      '--with <params>',
      'optional params to have: "norm1,attn.q.bias", or a pattern: "*.bias"; what neither this nor --without names is drawn',
    )
    .option('--without <params>', 'optional params to leave out; of what both name nothing is there')
    .option('--probe <name>', 'draw the cases as this probe does: "touchstone list --probes"')
    .option(
      '--profile <name>',
      'of whom the verdict is asked: a shipped profile ("touchstone profile" lists them) or a file',
      'portable',
    )
    .option('--intermediates', 'every documented intermediate too')
    .addOption(allowNonFiniteOption())
    .addOption(seedOption())
    .addOption(jsonOption())
    .addOption(acceptSuspectOption())
    .action((what: string, options: Options, typed: Command) => {
      if (isFile(what)) {
        const found = `the file "${what}"`
        refuseIdle(typed, DRAWING, { expected: 'an equation to draw cases of', found })
      }
      const { seed, json, depth, intermediates = false, acceptSuspect = false } = options
      if (json !== undefined && json !== '-') demandWritable(json)
      const design = readDesign(designTexts(options))
      const judge = judgeUnder(profileNamed(options.profile))
      const simulation = simulate(design, questionsOf(what, options), { judge, depth, intermediates })
      if (json !== '-') terminal.out(simulationReport(simulation, judge))
      if (json !== undefined) writeJson(json, { ...describeJudge(judge), seed, ...simulation })
      done(isWrong(simulation, acceptSuspect) ? WRONG : HELD)
    })
}

function designTexts(options: Options): Map<string, string> {
  const given = new Map<string, string>()
  for (const key of designKeys) {
    const text = options[key]
    if (text !== undefined) given.set(optionName(key), text)
  }
  return given
}

/** Options of questions that are drawn. */
const DRAWING = ['cases', 'config', 'sizes', 'batch', 'with', 'without', 'probe', 'seed']

function isFile(what: string): boolean {
  return what.endsWith('.safetensors') || existsSync(what)
}

/** One question of a file, or drawn ones of seeds `seed`, `seed + 1`, … */
function questionsOf(what: string, options: Options): readonly Question[] {
  if (isFile(what)) {
    const { allowNonFinite = false } = options
    return [inFile(what, () => readCase(readTensorFile(what), { allowNonFinite }).question)]
  }
  const equation = findEquation(what, 'id')
  const sampling = readSampling(equation, options)
  const probe = options.probe === undefined ? undefined : findProbe(options.probe, equation)
  return Array.from({ length: options.cases }, (_, i) => {
    const seed = options.seed + i
    return probe === undefined
      ? sample(equation, seed, sampling)
      : probeQuestion(probe, equation, seed, sampling)
  })
}

function isWrong({ verdict }: Simulation, acceptSuspect: boolean): boolean {
  return verdict === 'fail' || (verdict === 'suspect' && !acceptSuspect)
}
