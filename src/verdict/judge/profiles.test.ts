import { describe, expect, test } from 'vitest'
import { float32Dense } from '../../../reference/float32/index.ts'
import { evaluate } from '../../arithmetics/evaluate.ts'
import { read } from '../../arithmetics/recording.ts'
import { plainDesign } from '../../arithmetics/simulated/design.ts'
import { simulated } from '../../arithmetics/simulated/index.ts'
import { sample } from '../../catalogue/sample.ts'
import { findEquation } from '../../cases/names.ts'
import { fromReal, real } from '../../cases/raw-tensor.ts'
import { rawOf } from '../../cases/write-case.ts'
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
  const bf16 = (x: number): number => {
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
        return [name, fromReal(Float32Array.from(real(value), bf16), value.shape)]
      }),
    )
    expect(judgeUnder(profileNamed('bf16')).judge(asked, outputs).verdict).toBe('pass')
  }
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
