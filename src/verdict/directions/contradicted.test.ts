import { expect, test } from 'vitest'
import { float32 } from '../../../reference/float32/index.ts'
import { evaluate } from '../../arithmetics/evaluate.ts'
import { read } from '../../arithmetics/recording.ts'
import { sample } from '../../catalogue/sample.ts'
import { findEquation } from '../../cases/names.ts'
import { buildQuestion } from '../../cases/question.ts'
import type { RawTensor } from '../../cases/raw-tensor.ts'
import { rawOf } from '../../cases/write-case.ts'
import { judgeUnder } from '../judge/index.ts'
import { portable } from '../profile/shipped.ts'

const question = sample(findEquation('sparsifiner/attention'), 4, {
  sizes: { n: 30, C: 24, m: 8 },
  config: { heads: 3, budget: 6 },
  lead: [2],
  has: () => true,
})

/** Values taken for keys where the mask is predicted, and there alone. */
function answered(): Map<string, RawTensor> {
  const taken = [...question.tensors].map(([name, value]) => {
    const other = name.replace('param.attn.k.', 'param.attn.v.')
    return [name, question.tensors.get(other) ?? value] as const
  })
  const runtime = float32()
  const wrong = evaluate(runtime, buildQuestion(question.equation, new Map(taken), question.asked))
  const mask = wrong.get('eq3.M')
  const attn = evaluate(runtime, question, (path) => (path === 'eq3.M' ? mask : undefined)).get('attn')
  if (mask === undefined || attn === undefined) throw new Error('the module exposes both')
  return new Map([
    ['eq3.M', rawOf(read(runtime, mask))],
    ['attn', rawOf(read(runtime, attn))],
  ])
}

test('a bug that explains a mask and is absent where it would show is not named', () => {
  const { verdict, outputs, blame } = judgeUnder(portable, 'on-suspicion').judge(question, answered())
  expect(verdict).toBe('fail')
  const [M, attn] = outputs
  expect([M.fromUpstream?.verdict, attn.fromUpstream?.verdict]).toEqual(['fail', 'pass'])
  expect(blame?.tried).toBeGreaterThan(0)
  const said = blame?.findings.map(({ sentence }) => sentence).join('\n')
  expect(said).not.toContain('consistent')
  expect(said).not.toContain('attn.v')
})
