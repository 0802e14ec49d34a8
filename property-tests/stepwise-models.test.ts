import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Evaluator } from '../reference/evaluator.ts'
import type { FullKinds } from '../reference/float32/index.ts'
import { simulated } from '../src/arithmetics/simulated/index.ts'
import { parseDesign } from '../src/arithmetics/simulated/parse-design.ts'
import { catalogue } from '../src/catalogue/index.ts'
import { sample } from '../src/catalogue/sample.ts'
import { findEquation } from '../src/cases/names.ts'
import type { Question } from '../src/cases/question.ts'
import { rawOf } from '../src/cases/write-case.ts'
import { EXPOSURES, play, shown } from '../src/sensitivity/play.ts'
import { judgeUnder } from '../src/verdict/judge/index.ts'
import type { Judge } from '../src/verdict/judgement.ts'
import { profileNamed } from '../src/verdict/profile/read.ts'
import { scaledInputs } from './scaled-inputs.ts'
import { parameters } from './seed.ts'
import { ways, writtenOut, type Planted } from './written-out.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })
const formats = ['bf16', 'fp16'] as const
type Format = (typeof formats)[number]
const under = (kind: string): Readonly<Record<Format, Judge>> => ({
  bf16: judgeUnder(profileNamed(`bf16-${kind}`)),
  fp16: judgeUnder(profileNamed(`fp16-${kind}`)),
})
const judges = under('stepwise')

/** What the judge finds wrong with everything shown, and with outputs alone. */
function complaints(judge: Judge, runtime: Evaluator<FullKinds>, question: Question): unknown[] {
  const answer = play(runtime, question)
  const about = judge.about(question)
  return EXPOSURES.flatMap((exposure) => {
    const raw = [...shown(question, answer, exposure)].map(([name, value]) => [name, rawOf(value)] as const)
    return about(new Map(raw)).outputs.filter(({ verdict }) => verdict === 'fail' || verdict === 'suspect')
  })
}

const drawn: fc.Arbitrary<Question> = fc
  .tuple(seeds, fc.constantFrom(...catalogue), fc.constantFrom(1, 1, 0.01, 30))
  .map(([seed, equation, factor]) => scaledInputs(sample(equation, seed), factor))

describe.each(formats)('a model in %s that is written out', (format) => {
  test.each(ways.map((way) => [way.name, way] as const))('raises no alarm: %s', (_, way) => {
    fc.assert(
      fc.property(drawn, (question) => {
        expect(complaints(judges[format], writtenOut(format, way), question)).toEqual([])
      }),
      parameters(40),
    )
  })

  test('nor does one that is not', () => {
    const designs = ['', ',accumulate=fma,bias=first', ',attention=flash:3', ',layer-norm=one-pass']
    fc.assert(
      fc.property(drawn, fc.constantFrom(...designs), (question, design) => {
        const runtime = simulated(parseDesign(`storage=${format},inputs=${format}${design}`))
        expect(complaints(judges[format], runtime, question)).toEqual([])
      }),
      parameters(40),
    )
  })

  test.each(ways.map((way) => [way.name, way] as const))(
    'is called wrong where it is not meant: %s',
    (_, way) => {
      const questions = [1, 2, 3, 4].map((seed) => sample(findEquation('stvit/eq1'), seed))
      const model = under('model')[format]
      expect(questions.flatMap((q) => complaints(model, writtenOut(format, way), q))).not.toEqual([])
    },
  )
})

/** Each where it is visible: in the size of the inputs, of which the variance is that squared. */
const bugs: readonly (readonly [name: string, size: number, bug: Planted])[] = [
  ['no mean', 1, { noMean: true }],
  ['no bias', 1, { noBias: true }],
  ['the variance unbiased', 1, { unbiased: true }],
  ['ε a hundred times as large', 0.01, { eps: 1e-4 }],
  ['no ε', 0.001, { eps: 0 }],
  ['x·(1 + erf), not halved', 1, { noHalf: true }],
  ['a key left out of the sum', 1, { droppedKey: true }],
  ['a temperature of 1.2', 3, { temperature: 1 / 1.2 }],
]

describe.each(formats)('in %s a bug is red all the same', (format) => {
  test.each(bugs)('%s', (_, size, bug) => {
    const sizes = { Ns: 8, Ni: 16, C: 8, rC: 32 }
    const asked = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) =>
      scaledInputs(sample(findEquation('stvit/eq1'), seed, { sizes, config: { heads: 2 }, lead: [] }), size),
    )
    // some questions have no norm
    const used = asked.filter(({ tensors }) => tensors.has('param.norm1.weight'))
    expect(used.length).toBeGreaterThan(1)
    for (const way of ways.slice(0, 3)) {
      const red = used.filter((q) => complaints(judges[format], writtenOut(format, way, bug), q).length > 0)
      expect({ way: way.name, red: red.length }).toEqual({ way: way.name, red: used.length })
    }
  })
})
