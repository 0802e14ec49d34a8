import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluate } from '../src/arithmetics/evaluate.ts'
import { read } from '../src/arithmetics/recording.ts'
import { catalogue } from '../src/catalogue/index.ts'
import { sample } from '../src/catalogue/sample.ts'
import type { Question } from '../src/cases/question.ts'
import type { RawTensor } from '../src/cases/raw-tensor.ts'
import { rawOf } from '../src/cases/write-case.ts'
import { random } from '../src/random.ts'
import { interimJudge } from '../src/verdict/interim/index.ts'
import type { Judgement } from '../src/verdict/judgement.ts'
import { honestRuntimes, type HonestRuntime } from './honest-runtimes.ts'
import { parameters } from './seed.ts'

const RUNS = 1500

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })

/** Everything the runtime exposes of a question, as a file would carry it. */
function answer(runtime: HonestRuntime, question: Question, seed: number): Map<string, RawTensor> {
  const evaluator = runtime.evaluator(random(seed).fork(runtime.name))
  const exposed = evaluate(evaluator, question)
  return new Map([...exposed].map(([name, x]) => [name, rawOf(read(evaluator, x))]))
}

/** What is wrong, in words that say where to look. */
function complaints({ id, outputs }: Judgement): string[] {
  return outputs.flatMap(({ name, verdict, reason, fromInputs, fromUpstream }) =>
    verdict === 'pass' || verdict === 'not-judged'
      ? []
      : [`${id} ${name} ${verdict} ${reason} ${JSON.stringify({ fromInputs, fromUpstream })}`],
  )
}

describe.each(catalogue.map((equation) => [equation.id, equation] as const))('%s', (_, equation) => {
  test.each(honestRuntimes.map((runtime) => [runtime.name, runtime] as const))(
    'no alarm for an honest runtime: %s',
    (_name, runtime) => {
      fc.assert(
        fc.property(seeds, (seed) => {
          const question = sample(equation, seed)
          const everything = answer(runtime, question, seed)
          const outputs = new Map([...everything].filter(([name]) => equation.exposes[name].output === true))
          expect(complaints(interimJudge.judge(question, outputs))).toEqual([])
          expect(complaints(interimJudge.judge(question, everything))).toEqual([])
        }),
        parameters(RUNS),
      )
    },
  )
})
