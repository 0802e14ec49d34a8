import { describe, expect, test } from 'vitest'
import { withRule, type Arithmetic } from '../../../reference/arithmetic.ts'
import { float32Dense, type FullKinds } from '../../../reference/float32/index.ts'
import { tensor, type Tensor } from '../../../reference/tensor.ts'
import { evaluate } from '../../arithmetics/evaluate.ts'
import { read } from '../../arithmetics/recording.ts'
import { catalogue } from '../../catalogue/index.ts'
import { sample } from '../../catalogue/sample.ts'
import { findEquation } from '../../cases/names.ts'
import type { Question } from '../../cases/question.ts'
import { bf16, fp16, tf32, type Format } from './formats.ts'
import { suspectsOf } from './catalogue/index.ts'
import { record } from './tape.ts'
import { tryDirections } from './trials.ts'

type Rules = Arithmetic<FullKinds>

/** The directions tried on a float32 runtime with a bug planted, each element known within 2u of the largest. */
function triedOn(question: Question, plant: (rules: Rules) => Partial<Rules>): string[] {
  const base = float32Dense()
  const rules = withRule(base.rules, plant(base.rules))
  const found = new Map([...evaluate({ ...base, rules }, question)].map(([path, x]) => [path, read(base, x)]))
  const truth = record(question, { found, judged: () => undefined }).exposed
  const { trials } = tryDirections(
    {
      question,
      found,
      known(path) {
        const x = truth.get(path)
        if (x?.kind !== 'dense') return undefined
        const most = Math.max(...Float64Array.from(x.x.data, Math.abs))
        return { v: x.x, s: tensor(new Float64Array(x.x.size).fill(2 ** -23 * most), x.x.shape) }
      },
    },
    false,
  )
  return trials.map(({ direction }) => direction.id)
}

function mapped(x: Tensor, f: (value: number, index: number) => number): Tensor {
  return tensor(Float32Array.from(x.data, f), x.shape)
}

describe('formats of the products', () => {
  const question = sample(findEquation('stvit/eq1'), 3, {
    sizes: { Ns: 4, Ni: 8, C: 24, rC: 96 },
    lead: [],
    config: { heads: 2 },
  })
  const ofInputs = (ids: readonly string[]): string[] => ids.filter((id) => id.startsWith('inputs/'))

  test('are not tried where a simpler bug leaves nothing but noise', () => {
    const tried = triedOn(question, () => ({ gelu: (x) => mapped(x, (value) => Math.max(0, value)) }))
    expect(tried).toContain('gelu/relu')
    expect(ofInputs(tried)).toEqual([])
  })

  test.each<[string, (rules: Rules) => Partial<Rules>]>([
    [
      'nothing does',
      (rules) => ({
        linear: (x, w, bias) => mapped(rules.linear(x, w, bias), (v, i) => (i === 7 ? v + 1 : v)),
      }),
    ],
    [
      'they are the bug',
      (rules) => ({
        linear: (x, w, bias) => rules.linear(mapped(x, bf16.round), mapped(w, bf16.round), bias),
      }),
    ],
  ])('are tried where %s', (_, plant) => {
    expect(ofInputs(triedOn(question, plant))).toContain('inputs/bfloat16/linear')
  })
})

describe('formats of the products, where tensors are large', () => {
  const question = sample(findEquation('stvit/eq1'), 3, {
    sizes: { Ns: 16, Ni: 40, C: 96, rC: 192 },
    lead: [],
    config: { heads: 2 },
  })
  const oneOff = (x: Tensor): Tensor => mapped(x, (value, i) => (i === 7 ? value + 1 : value))
  const rounding = ({ name, round }: Format, bias: boolean): [string, (rules: Rules) => Partial<Rules>] => [
    `inputs/${name}/linear`,
    (rules) => ({
      linear: (x, w, b) => rules.linear(mapped(x, round), mapped(w, round), bias ? b : undefined),
      gelu: (x) => oneOff(rules.gelu(x)),
    }),
  ]

  test('are not tried where two products in them have no share in the errors', () => {
    const tried = triedOn(question, ({ gelu }) => ({ gelu: (x) => oneOff(gelu(x)) }))
    expect(tried).toContain('gelu/tanh')
    expect(tried).toContain('stored/bfloat16')
    expect(tried.filter((id) => /^(inputs|autocast)\//.test(id))).toEqual([])
  })

  test.each([...[bf16, fp16, tf32].map((format) => rounding(format, true)), rounding(bf16, false)])(
    'are tried where they have, whatever else is wrong: %s',
    (id, plant) => {
      expect(triedOn(question, plant)).toContain(id)
    },
  )
})

describe('a bug is suspected only where it can be asked', () => {
  test.each(catalogue)('all of those of $id can be, in small questions', (equation) => {
    for (const seed of [1, 2, 3, 4]) {
      const question = sample(equation, seed, { largest: seed })
      const tape = record(question, { found: new Map(), judged: () => undefined })
      for (const { id, run } of suspectsOf(tape)) expect(() => run.evaluate(), id).not.toThrow()
    }
  })

  test('rounded weights are those of a profile that rounds what the file shows only where it shows them', () => {
    const question = sample(findEquation('stvit/eq1'), 1)
    const base = float32Dense()
    const shown = [...evaluate(base, question)].map(([path, x]) => [path, read(base, x)] as const)
    const profileOf = (paths: readonly string[]): string | undefined => {
      const found = new Map(shown.filter(([path]) => paths.includes(path)))
      const suspects = suspectsOf(record(question, { found, judged: () => undefined }))
      return suspects.find(({ id }) => id === 'softmax/weights-bfloat16')?.profile
    }
    expect([profileOf(['S']), profileOf(['A', 'S'])]).toEqual(['bf16-inputs', 'bf16'])
  })

  test.each(['clamped', 'centred'])('no window is left out of those that are joined: %s', (key_windows) => {
    const question = sample(findEquation('stvit/local-cross-attention'), 1, { config: { key_windows } })
    const tape = record(question, { found: new Map(), judged: () => undefined })
    for (const { id, run } of suspectsOf(tape)) expect(() => run.evaluate(), id).not.toThrow()
    // a layer that every window goes through is one place
    const ids = suspectsOf(tape).map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)])
  })

  test('another option is, if its params are there', () => {
    const options = (pooling: string): string[] => {
      const question = sample(findEquation('stvit/stgm'), 1, { config: { pooling } })
      return suspectsOf(record(question, { found: new Map(), judged: () => undefined }))
        .map(({ id }) => id)
        .filter((id) => id.startsWith('option/pooling'))
    }
    expect(options('average')).toEqual(['option/pooling=max'])
    expect(options('eq5')).toEqual(['option/pooling=average', 'option/pooling=max'])
  })

  test.each([1, 3])(
    'and where tensors would be of other shapes, nothing is said: attention, seed %d',
    (seed) => {
      const question = sample(findEquation('sparsifiner/attention'), seed)
      const tried = triedOn(question, (rules) => ({
        linear: (x, w, bias) => mapped(rules.linear(x, w, bias), (value) => value + 1),
      }))
      expect(tried.some((id) => id.startsWith('option/class_row='))).toBe(true)
    },
  )

  test.each([
    ['sparse', true],
    ['dense', false],
  ])('a transposed mask is, if it is square: class row %s', (class_row, expected) => {
    const question = sample(findEquation('sparsifiner/attention'), 1, {
      config: { class_row, normalize: 'full' },
    })
    const ids = suspectsOf(record(question, { found: new Map(), judged: () => undefined })).map(
      ({ id }) => id,
    )
    expect(ids).toContain('choice/inverted')
    expect(ids.includes('choice/transposed')).toBe(expected)
  })
})
