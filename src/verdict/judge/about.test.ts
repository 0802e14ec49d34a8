import { expect, test } from 'vitest'
import { arithmeticNamed } from '../../arithmetics/index.ts'
import { catalogue } from '../../catalogue/index.ts'
import { sample } from '../../catalogue/sample.ts'
import { fromReal, real, type RawTensor } from '../../cases/raw-tensor.ts'
import { rawOf } from '../../cases/write-case.ts'
import { judge } from '../index.ts'

type Answer = ReadonlyMap<string, RawTensor>

/** Every real tensor one part in 256 too large. */
function enlarged(answer: Answer): Answer {
  return new Map(
    [...answer].map(([name, raw]) =>
      raw.dtype === 'F32'
        ? [
            name,
            fromReal(
              real(raw).map((x) => x * (1 + 2 ** -8)),
              raw.shape,
            ),
          ]
        : [name, raw],
    ),
  )
}

test.each(catalogue.map((equation) => [equation.id, equation] as const))(
  'several answers to one question are judged as each by itself: %s',
  (_, equation) => {
    const question = sample(equation, 3)
    const honest = new Map(
      [...arithmeticNamed('float32').answer(question)].map(([name, value]) => [name, rawOf(value)]),
    )
    const wrong = enlarged(honest)
    const judgeAnswer = judge.about(question)
    for (const answer of [honest, wrong, honest]) {
      expect(judgeAnswer(answer)).toEqual(judge.judge(question, answer))
    }
    expect(judgeAnswer(wrong).verdict).not.toBe(judgeAnswer(honest).verdict)
  },
)
