import { describe, expect, test } from 'vitest'
import type { Value } from '../../../reference/evaluator.ts'
import { float32Dense } from '../../../reference/float32/index.ts'
import { tensor, type Shape } from '../../../reference/tensor.ts'
import { evaluate } from '../../arithmetics/evaluate.ts'
import { simulatedAnswerer } from '../../arithmetics/index.ts'
import { read } from '../../arithmetics/recording.ts'
import { plainDesign } from '../../arithmetics/simulated/design.ts'
import { simulated } from '../../arithmetics/simulated/index.ts'
import { parseDesign } from '../../arithmetics/simulated/parse-design.ts'
import { sample } from '../../catalogue/sample.ts'
import { findEquation } from '../../cases/names.ts'
import { buildQuestion } from '../../cases/question.ts'
import { fromReal, real } from '../../cases/raw-tensor.ts'
import { rawOf } from '../../cases/write-case.ts'
import { bf16 } from '../directions/formats.ts'
import { profileNamed } from '../profile/read.ts'
import { portable } from '../profile/shipped.ts'
import { judgeUnder } from './index.ts'

/** What a runtime that rounds toward zero answers, everything shown. */
const question = sample(findEquation('stvit/eq1'), 4, {
  sizes: { Ns: 8, Ni: 32, C: 96, rC: 192 },
  config: { heads: 3 },
  lead: [],
})
const runtime = simulated({ ...plainDesign, rounding: 'toward-zero' })
const answer = new Map([...evaluate(runtime, question)].map(([name, x]) => [name, rawOf(read(runtime, x))]))

test('sums rounded toward zero are no sums rounded to nearest', () => {
  expect(judgeUnder(profileNamed('portable')).judge(question, answer).verdict).toBe('fail')
})

test('they pass where either neighbour is legal: there only proofs count', () => {
  const { verdict, outputs } = judgeUnder(profileNamed('wgsl')).judge(question, answer)
  expect(verdict).toBe('pass')
  expect(outputs.flatMap(({ fromUpstream }) => fromUpstream?.statistics ?? [])).toEqual([])
})

test('no other way to an output leads thousands of bounds off, though bounds from the inputs are wide', () => {
  const asked = sample(findEquation('stvit/dumbbell'), 0)
  const sound = float32Dense()
  const outputs = new Map([...evaluate(sound, asked)].map(([name, x]) => [name, rawOf(read(sound, x))]))
  const right = outputs.get('X_out') ?? expect.unreachable()
  const off = fromReal(
    Float32Array.from(real(right), (x) => x * 1.001),
    right.shape,
  )
  for (const name of ['wgsl', 'portable']) {
    const { outputs: found } = judgeUnder(profileNamed(name)).judge(
      asked,
      new Map([...outputs, ['X_out', off]]),
    )
    expect(found.find((output) => output.name === 'X_out')).toMatchObject({
      verdict: 'fail',
      fromInputs: { share: expect.toSatisfy((share: number) => share < 1) },
    })
  }
})

test('a runtime that stores bf16 chooses by what it has not rounded yet', () => {
  const rounded = (x: number): number => {
    const bits = new Uint32Array(Float32Array.of(x).buffer)
    bits[0] = (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) & 0xffff0000
    return new Float32Array(bits.buffer)[0]
  }
  const sizes = { n: 24, m: 8, C: 12 }
  const config = { budget: 8, heads: 2, tau: 0.05 }
  for (const seed of [1, 4, 5, 7]) {
    const asked = sample(findEquation('sparsifiner/attention'), seed, {
      sizes,
      config,
      lead: [],
      magnitude: 1,
    })
    const sound = float32Dense()
    const outputs = new Map(
      [...evaluate(sound, asked)].map(([name, x]) => {
        const value = rawOf(read(sound, x))
        if (value.dtype !== 'F32') return [name, value]
        return [name, fromReal(Float32Array.from(real(value), rounded), value.shape)]
      }),
    )
    expect(judgeUnder(profileNamed('bf16')).judge(asked, outputs).verdict).toBe('pass')
  }
})

test('a flash attention in a model in bf16 rounds its weights before they are divided', () => {
  // 64 keys: one of logit ln 2, nearly, and 63 of 0, whose weights of ½ just below a tie all lose nearly 2⁻⁸ of themselves
  const keys = Array.from({ length: 64 }, (_, i) => (i === 0 ? [0.6875, 0.5, -2, 0] : [0, 0, 255 / 128, 0]))
  const dense = (values: readonly number[], shape: Shape): Value => ({
    kind: 'dense',
    tensor: tensor(Float32Array.from(values), shape),
  })
  const identity = dense([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], [4, 4])
  const weights = ['attn.q', 'attn.k', 'attn.v', 'attn.proj', 'ffn.fc1', 'ffn.fc2']
  const asked = buildQuestion(
    findEquation('stvit/eq1'),
    new Map([
      ['input.P', dense([2, 2 ** -7, 0, 0], [1, 4])],
      ['input.X', dense(keys.flat(), [64, 4])],
      ...weights.map((name): [string, Value] => [
        `param.${name}.weight`,
        name === 'attn.k' ? dense([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [4, 4]) : identity,
      ]),
    ]),
    { heads: 1 },
  )
  const powers = keys.map(([a, b]) => Math.exp(a + b * 2 ** -8 - (0.6875 + 2 ** -9)))
  const total = powers.reduce((sum, power) => sum + power, 0)
  const heads = [0, 1, 2, 3].map((c) =>
    bf16.round(powers.reduce((sum, power, i) => sum + bf16.round(power) * keys[i][c], 0) / total),
  )
  const answered = new Map([['heads', fromReal(Float32Array.from(heads), [1, 4])]])
  expect(judgeUnder(profileNamed('bf16-model')).judge(asked, answered)).toMatchObject({
    verdict: 'pass',
    outputs: [{ fromUpstream: { share: expect.toSatisfy((share: number) => share > 0.7) } }],
  })
})

test('what is subnormal in fp16 is rounded to its steps there, not to a share of itself', () => {
  const asked = sample(findEquation('stvit/eq1'), 106, { largest: 11 })
  const outputs = simulatedAnswerer(parseDesign('matmul=fp16')).answer(asked)
  const answered = new Map([...outputs].map(([name, value]) => [name, rawOf(value)]))
  expect(judgeUnder(profileNamed('fp16-inputs')).judge(asked, answered).verdict).toBe('pass')
})

test.each([10, 16])('elements may share as much of an erf as the profile allows, seed %d', (seed) => {
  const profile = { ...portable, functions: { ...portable.functions, erf: { absolute: 2 ** -18 } } }
  const asked = sample(findEquation('stvit/eq5'), seed, { largest: 6 })
  const off = simulatedAnswerer(parseDesign('erf-error=smooth:64')).answer(asked)
  const outputs = [...off].filter(([name]) => asked.equation.exposes[name].output === true)
  const answered = new Map(outputs.map(([name, value]) => [name, rawOf(value)]))
  expect(judgeUnder(profile).judge(asked, answered).verdict).toBe('pass')
})

describe('a softmax as exp(x − log Σ exp x)', () => {
  const asked = sample(findEquation('sparsifiner/eq1'), 3, {
    sizes: { n: 12, d: 8, m: 6 },
    config: { scale: 40 },
    lead: [],
    magnitude: 1,
  })
  const sound = float32Dense()
  const outputs = new Map([...evaluate(sound, asked)].map(([name, x]) => [name, rawOf(read(sound, x))]))
  const logits = outputs.get('logits') ?? expect.unreachable()
  const f = Math.fround
  const width = logits.shape.at(-1) ?? 1
  const z = real(logits)
  const byLogarithm = Float32Array.from(z, (value, i) => {
    const row = Float64Array.from(z).subarray(i - (i % width), i - (i % width) + width)
    const max = row.reduce((most, x) => Math.max(most, x), -Infinity)
    const sum = row.reduce((total, x) => f(total + f(Math.exp(f(x - max)))), 0)
    return Math.exp(f(value - f(max + f(Math.log(sum)))))
  })
  const answered = new Map([...outputs, ['A_down', fromReal(byLogarithm, logits.shape)] as const])

  test('loses more than the default profile allows', () => {
    expect(judgeUnder(portable).judge(asked, answered).verdict).not.toBe('pass')
  })

  test('passes where the profile lists it', () => {
    const profile = { ...portable, rewrites: { ...portable.rewrites, logSumExpSoftmax: true } }
    expect(judgeUnder(profile).judge(asked, answered).verdict).toBe('pass')
  })
})
