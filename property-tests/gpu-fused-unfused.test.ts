import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gpuForTests } from './gpu.ts'
import { answerTo, demandAgreement, posed, truthOf } from './gpu-answers.ts'
import { compositePieces } from './gpu-pieces.ts'
import { planted } from './planted-wgsl.ts'
import { parameters } from './seed.ts'

const RUNS = 5
const gpu = await gpuForTests({ kernels: 'scalar' })
const there = typeof gpu !== 'string'

describe.skipIf(!there)(`|fused − unfused| ≤ b + b, on ragged sizes${there ? '' : `: ${gpu}`}`, () => {
  test.each(Object.entries(compositePieces))('%s', async (_, piece) => {
    if (!there) return
    let judged = 0
    await fc.assert(
      fc.asyncProperty(posed(piece), async (question) => {
        const [fused, unfused] = [await answerTo(question, gpu, true), await answerTo(question, gpu)]
        judged += demandAgreement(truthOf(question), { fused, unfused })
      }),
      parameters(RUNS),
    )
    expect(judged).toBeGreaterThan(0)
  })

  test('a planted mistake is seen', async () => {
    if (!there) return
    const wrong = gpu.reading(planted('softmax-pooling', 'var total = 0.0;', 'var total = 0.001;'))
    const [question] = fc.sample(posed(compositePieces.softmaxPooling), { numRuns: 1, seed: 1 })
    const [fused, unfused] = [await answerTo(question, wrong, true), await answerTo(question, wrong)]
    const truth = truthOf(question)
    expect(() => demandAgreement(truth, { fused, unfused })).toThrow('fused: fail')
    expect(() => demandAgreement(truth, { unfused, again: unfused })).not.toThrow()
  })
})
