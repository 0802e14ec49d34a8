import { setImmediate } from 'node:timers/promises'
import { Command, Option } from 'commander'
import { GPU } from '../../arithmetics/gpu.ts'
import { arithmeticNamed, arithmetics, type Answerer } from '../../arithmetics/index.ts'
import { catalogue } from '../../catalogue/index.ts'
import type { Equation } from '../../catalogue/schema.ts'
import { demandWritable } from '../../files.ts'
import { decodeImage } from '../../images/decode.ts'
import type { GoldenResult } from '../../goldens/verify.ts'
import { laws, type Law } from '../../laws/index.ts'
import { judgeAnswer, judging, type CaseResult, type Posed } from '../../verification/cases.ts'
import { gpuVerification, type GpuVerification } from '../../verification/gpu.ts'
import { binds, tryLaw, type LawResult } from '../../verification/laws.ts'
import { describePosed, mostPosed, posedFor, type Asked } from '../../verification/posed.ts'
import { judge } from '../../verdict/index.ts'
import { goldensHere } from '../goldens-here.ts'
import { refuseIdle, saidBy } from '../contradictions.ts'
import {
  adapterOption,
  GPU_CHOICE,
  gpuIfThere,
  gpuTimeoutOption,
  noGpuOption,
  type GpuChoice,
} from '../gpu-options.ts'
import { writeJson } from '../json.ts'
import { matching } from '../matching.ts'
import {
  acceptSuspectOption,
  HELD,
  jsonOption,
  NOT_ASKED,
  seedOption,
  wholeNumber,
  WRONG,
} from '../options.ts'
import { describeJudge } from '../report.ts'
import { progress, terminal } from '../terminal.ts'
import { verificationReport } from '../verification-report.ts'
import { verifyGpu } from './verify-gpu.ts'

/** What `verify` is told. */
export interface VerifyOptions extends GpuChoice, Asked {
  readonly equation: string
  readonly arithmetic: string
  /** Whether the GPU, where there is one, is verified too. */
  readonly gpu: boolean
  readonly json?: string
  readonly acceptSuspect?: boolean
}

/** `touchstone verify`: the main job. */
export function verifyCommand(done: (code: number) => void): Command {
  return new Command('verify')
    .description(
      'the main job: every equation against truth on drawn cases, probes and photographs, every law, and the GPU',
    )
    .option('--equation <glob>', 'only the equations whose id matches, and the laws that examine them', '**')
    .option(
      '--arithmetic <name>',
      `what is verified: ${arithmetics.map(({ name }) => name).join(', ')}; or ${GPU}, and nothing else`,
      'float32',
    )
    .option('--cases <n>', 'drawn cases per equation and trials per law', wholeNumber(1), 50)
    .addOption(
      new Option(
        '--image <file>',
        'also on the tokens of this photograph (PNG or JPEG), at DeiT-S size; may be given again',
      )
        .argParser((file: string, files: readonly string[]) => [...files, file])
        .default([], 'none'),
    )
    .addOption(adapterOption())
    .addOption(noGpuOption())
    .addOption(gpuTimeoutOption())
    .addOption(seedOption())
    .addOption(jsonOption())
    .addOption(acceptSuspectOption())
    .action(async (options: VerifyOptions, command: Command) => {
      if (!options.gpu) {
        const found = saidBy(command, 'gpu')
        refuseIdle(command, GPU_CHOICE, { expected: 'a GPU to be asked', found })
      }
      done(await verify(options))
    })
}

async function verify(options: VerifyOptions): Promise<number> {
  const { seed, cases, image, json, acceptSuspect = false } = options
  if (json !== undefined && json !== '-') demandWritable(json)
  // before any work: a photograph that cannot be read
  for (const file of image) await decodeImage(file)
  if (options.arithmetic === GPU) return verifyGpu(options)
  const started = performance.now()
  const answerer = arithmeticNamed(options.arithmetic, [GPU])
  const equations = matching(options.equation)
  const chosenLaws = laws.filter((law) => concerns(law, equations) && binds(law, answerer))

  const found = options.gpu ? await gpuIfThere(options) : 'left out'
  const onGpu = typeof found === 'string' ? found : gpuVerification(found)
  const gpu = typeof onGpu === 'string' ? undefined : onGpu
  const bar = progress(mostPosed(equations, options) + chosenLaws.length)
  const results: CaseResult[] = []
  const goldens: GoldenResult[] = []
  let lawResults: readonly LawResult[] = []
  try {
    for await (const posed of posedFor(equations, options)) {
      bar.step(describePosed(posed))
      results.push(await judgeBoth(answerer, gpu, posed))
    }
    lawResults = chosenLaws.map((law) => {
      bar.step(law.id)
      return tryLaw(answerer, law, seed, cases)
    })
    for (const result of goldensHere(equations)) {
      bar.step(result.golden)
      goldens.push(result)
    }
  } finally {
    bar.stop()
    gpu?.answerer.close()
  }

  const seconds = (performance.now() - started) / 1000
  if (json !== '-')
    terminal.out(
      verificationReport({
        answerer,
        equations,
        results,
        laws: lawResults,
        goldens,
        gpu: onGpu,
        seed,
        seconds,
      }),
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
      gpu:
        gpu === undefined
          ? { absent: onGpu }
          : {
              adapter: gpu.answerer.adapter,
              results: gpu.results,
              fused: gpu.fused,
              troubles: gpu.troubles,
            },
    })
  }
  const wrong = acceptSuspect ? ['fail'] : ['fail', 'suspect']
  if (gpu !== undefined && gpu.troubles.length > 0) return NOT_ASKED
  const all = [...results, ...lawResults, ...goldens, ...(gpu?.results ?? []), ...(gpu?.fused ?? [])]
  return all.some(({ verdict }) => wrong.includes(verdict)) ? WRONG : HELD
}

/** Judges the arithmetic while the GPU, if there is one, works on the same question. */
async function judgeBoth(
  answerer: Answerer,
  gpu: GpuVerification | undefined,
  posed: Posed,
): Promise<CaseResult> {
  const judgeCase = judging(posed)
  const onGpu = gpu?.verify(posed, judgeCase)
  // what it throws is thrown where it is waited for, and until then is nobody's unhandled rejection
  onGpu?.catch(() => undefined)
  // so that it gets its work before this thread is busy
  if (onGpu !== undefined) await setImmediate()
  const result = judgeAnswer(answerer, posed, judgeCase)
  await onGpu
  return result
}

/** Laws of primitives and files concern every equation, and so are tried unless only some were asked for. */
function concerns(law: Law, equations: readonly Equation[]): boolean {
  if (law.equations.length === 0) return equations.length === catalogue.length
  return equations.some(({ id }) => law.equations.includes(id))
}
