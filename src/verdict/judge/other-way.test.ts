import { expect, test } from 'vitest'
import { arithmeticNamed } from '../../arithmetics/index.ts'
import { sample } from '../../catalogue/sample.ts'
import { findEquation } from '../../cases/names.ts'
import { fromReal, real, type RawTensor } from '../../cases/raw-tensor.ts'
import { rawOf } from '../../cases/write-case.ts'
import { judge } from '../index.ts'
import type { Verdict } from '../judgement.ts'

/** Drawn so that the bound of A from the shown logits is no wider than noise: 1.6 deviations, where A is furthest off. */
const question = sample(findEquation('stvit/eq3'), 20)
const honest = new Map<string, RawTensor>(
  [...arithmeticNamed('float32').answer(question)].map(([name, value]) => [name, rawOf(value)]),
)

/** The same with `name` off by so many bounds where it is furthest off. */
function off(name: string, bounds: number): ReadonlyMap<string, RawTensor> {
  const raw = honest.get(name) ?? expect.unreachable()
  const worst = judge.judge(question, honest).outputs.find((output) => output.name === name)
    ?.fromUpstream?.worst
  const values = Float32Array.from(real(raw))
  const index = (worst?.coordinates ?? []).reduce((at, i, axis) => at * raw.shape[axis] + i, 0)
  values[index] = (worst?.expected ?? NaN) + bounds * (worst?.bound ?? NaN)
  return new Map([...honest, [name, fromReal(values, raw.shape)]])
}

function verdictOn(name: string, outputs: ReadonlyMap<string, RawTensor>): Verdict | undefined {
  return judge.judge(question, outputs).outputs.find((output) => output.name === name)?.verdict
}

test('A of Eq. (3) may have come about as one softmax: beyond the bound from A_s and A_g, inside the noise', () => {
  expect(verdictOn('A', honest)).toBe('pass')
  expect(verdictOn('A', off('A', 1.5))).toBe('pass')
})

test('A that is further off than noise goes fails', () => {
  expect(verdictOn('A', off('A', 100))).toBe('fail')
})

test('an output that the paper gives in one way alone fails beyond its bound', () => {
  expect(verdictOn('A_s', off('A_s', 1.5))).toBe('fail')
})
