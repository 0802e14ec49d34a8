import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { simulatedAnswerer } from '../src/arithmetics/index.ts'
import { parseDesign } from '../src/arithmetics/simulated/parse-design.ts'
import { catalogue } from '../src/catalogue/index.ts'
import { sample } from '../src/catalogue/sample.ts'
import { findEquation } from '../src/cases/names.ts'
import type { Question } from '../src/cases/question.ts'
import { rawOf } from '../src/cases/write-case.ts'
import { judgeUnder } from '../src/verdict/judge/index.ts'
import type { Judge } from '../src/verdict/judgement.ts'
import { profileNamed } from '../src/verdict/profile/read.ts'
import { scaledInputs } from './scaled-inputs.ts'
import { parameters } from './seed.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })
const formats = ['bf16', 'fp16'] as const
const judges: Readonly<Record<(typeof formats)[number], Judge>> = {
  bf16: judgeUnder(profileNamed('bf16-model')),
  fp16: judgeUnder(profileNamed('fp16-model')),
}

/** What is wrong with a design's answer, as the judge sees it with everything shown and with outputs alone. */
function complaints(judge: Judge, design: string, question: Question): unknown[] {
  const everything = [...simulatedAnswerer(parseDesign(design)).answer(question)]
  const outputs = everything.filter(([name]) => question.equation.exposes[name].output === true)
  return [everything, outputs].flatMap((answer) => {
    const raw = new Map(answer.map(([name, value]) => [name, rawOf(value)]))
    return judge
      .judge(question, raw)
      .outputs.filter(({ verdict }) => verdict === 'fail' || verdict === 'suspect')
  })
}

/** Ways to go about it that a model in a narrow format leaves open. */
const designs = [
  '',
  ',accumulate=fma,bias=first',
  ',accumulate=pairwise,layer-norm=one-pass',
  ',attention=flash:3',
  ',softmax=online,norm-affine=folded',
  ',scale=query,convolution=im2col',
  ',scale=split,divide=reciprocal',
  ',scale=divide,erf=abramowitz-stegun',
]

describe.each(formats)('a model in %s', (format) => {
  test.each(designs)('raises no alarm%s', (design) => {
    fc.assert(
      fc.property(
        seeds,
        fc.constantFrom(...catalogue),
        fc.constantFrom(1, 1, 0.01, 30),
        (seed, equation, factor) => {
          const question = scaledInputs(sample(equation, seed), factor)
          expect(complaints(judges[format], `storage=${format},inputs=${format}${design}`, question)).toEqual(
            [],
          )
        },
      ),
      parameters(60),
    )
  })

  test('nor does one that rounds less', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.constantFrom(...catalogue),
        fc.constantFrom('', `inputs=${format}`, `matmul=${format}`, `storage=${format}`),
        (seed, equation, design) => {
          expect(complaints(judges[format], design, sample(equation, seed))).toEqual([])
        },
      ),
      parameters(60),
    )
  })
})

test.each([
  ['bf16', 'storage=e4m3,inputs=bf16'],
  ['bf16', 'storage=bf16,inputs=bf16,accumulator=e4m3'],
  ['fp16', 'storage=bf16,inputs=bf16'],
] as const)('a model in %s does not lose as much as %s', (format, design) => {
  const questions = [1, 2, 3].map((seed) => sample(findEquation('stvit/eq1'), seed))
  expect(questions.flatMap((question) => complaints(judges[format], design, question))).not.toEqual([])
})
