import { GPU } from '../../arithmetics/gpu.ts'
import { QuestionError } from '../../errors.ts'
import { judge } from '../../verdict/index.ts'
import { gpuVerification } from '../../verification/gpu.ts'
import { describePosed, mostPosed, posedFor } from '../../verification/posed.ts'
import { demandGpu } from '../gpu-options.ts'
import { writeJson } from '../json.ts'
import { matching } from '../matching.ts'
import { HELD, NOT_ASKED, WRONG } from '../options.ts'
import { describeJudge } from '../report.ts'
import { progress, terminal } from '../terminal.ts'
import { verificationReport } from '../verification-report.ts'
import type { VerifyOptions } from './verify.ts'

/**
 * `touchstone verify --arithmetic gpu`: the GPU alone, fused and not. Goldens are not its own, and laws wait for no
 * device; its property tests try those.
 * @throws QuestionError where there is no GPU, or it was left out in the same breath
 */
export async function verifyGpu(options: VerifyOptions): Promise<number> {
  const { seed, json, acceptSuspect = false } = options
  if (!options.gpu) {
    throw new QuestionError({
      tensor: '--arithmetic',
      expected: `no ${GPU} with --no-gpu`,
      found: `"${GPU}"`,
    })
  }
  const started = performance.now()
  const equations = matching(options.equation)
  const gpu = gpuVerification(await demandGpu(options))
  const bar = progress(mostPosed(equations, options))
  try {
    for await (const posed of posedFor(equations, options)) {
      bar.step(describePosed(posed))
      await gpu.verify(posed)
    }
  } finally {
    bar.stop()
    gpu.answerer.close()
  }

  const seconds = (performance.now() - started) / 1000
  const { results, fused, troubles, answerer } = gpu
  const found = { answerer, results, laws: [], goldens: [], seed, seconds }
  if (json !== '-') terminal.out(verificationReport({ ...found, equations, gpu }))
  if (json !== undefined) {
    writeJson(json, {
      ...describeJudge(judge),
      arithmetic: GPU,
      seed,
      seconds,
      results,
      laws: [],
      goldens: [],
      gpu: { adapter: answerer.adapter, fused, troubles },
    })
  }
  if (troubles.length > 0) return NOT_ASKED
  const wrong = acceptSuspect ? ['fail'] : ['fail', 'suspect']
  return [...results, ...fused].some(({ verdict }) => wrong.includes(verdict)) ? WRONG : HELD
}
