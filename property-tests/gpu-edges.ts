import { describe, expect, test } from 'vitest'
import type { Gpu } from '../gpu/index.ts'
import type { Kinds } from '../reference/arithmetic.ts'
import type { Intake } from '../reference/evaluator.ts'
import { float32 } from '../reference/float32/index.ts'
import { tensor, type Tensor } from '../reference/tensor.ts'
import { read, type Exposed } from '../src/arithmetics/recording.ts'
import type { Question } from '../src/cases/question.ts'
import { ask, valuesOf } from '../src/laws/questions.ts'
import { judging } from '../src/verification/cases.ts'
import { answerOn } from './gpu-lab.ts'

/** What the judge says of the GPU's answer, and of what. */
export async function verdictOn(device: Gpu, question: Question): Promise<string> {
  const { verdict, outputs } = judging({ question, file: null, seed: 0 })(await answerOn(device, question))
  const wrong = outputs.filter((output) => output.verdict === 'fail' || output.verdict === 'suspect')
  return wrong.length === 0 ? verdict : `${verdict}: ${JSON.stringify(wrong)}`
}

const real = (shape: readonly number[], value: (i: number) => number): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((n, extent) => n * extent, 1) }, (_, i) => value(i)),
    shape,
  )

/** Every softmax of rows whose largest score is far above the others, and at another height in every row. */
function softmaxes<K extends Kinds>({ rules, dense, mask }: Intake<K>): Exposed<K>[] {
  const rows = [
    [-1000, -3000, -2000, -5000],
    [5000, 1000, -5000, 3000],
    [-7000, -5000, -6000, -8000],
    [2000, 3000, 1000, 0],
  ]
  const x = dense(real([4, 4], (i) => rows[Math.floor(i / 4)][i % 4]))
  const M = mask({ shape: [4, 4], data: Uint8Array.from([0, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 1]) })
  return [
    { kind: 'dense', x: rules.softmax(x) },
    { kind: 'dense', x: rules.logSoftmax(x) },
    { kind: 'sparse', x: rules.maskedSoftmax(M, rules.select(M, x)) },
  ]
}

/** Tests of what is at the edge of what rows may hold, which every form of kernels must get right. */
export function testEdges(gpu: Gpu | string): void {
  const there = typeof gpu !== 'string'
  describe.skipIf(!there)('edges on the GPU', () => {
    test('rows that keep nothing stay empty', async () => {
      if (!there) return
      const tokens = real([4, 3], (i) => Math.sin(i))
      const M = { shape: [4, 4], data: Uint8Array.from([0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0]) }
      for (const normalize of ['masked', 'full']) {
        const values = valuesOf({ 'input.Q': tokens, 'input.K': tokens, 'input.M': M })
        expect(await verdictOn(gpu, ask('sparsifiner/eq4', values, { normalize }))).toBe('pass')
      }
    })

    test('a mask of nothing at all, and a budget of nothing', async () => {
      if (!there) return
      const M = { shape: [2, 2], data: new Uint8Array(4) }
      const masked = ask(
        'sparsifiner/eq5',
        valuesOf({ 'input.M': M, 'input.A': real([2, 2], () => 0.5) }),
        {},
      )
      expect(await verdictOn(gpu, masked)).toBe('pass')
      const scores = valuesOf({
        'input.A_tilde': real([2, 3], (i) => i / 6),
        'param.W_up': real([3, 2], (i) => i - 2),
      })
      expect(await verdictOn(gpu, ask('sparsifiner/eq3', scores, { budget: 0 }))).toBe('pass')
      expect(
        await verdictOn(gpu, ask('sparsifiner/eq2', valuesOf({ 'input.A_down': real([1, 3], () => 0) }), {})),
      ).toBe('pass')
    })

    test('rows of large negative scores share the attention', async () => {
      if (!there) return
      const question = ask(
        'sparsifiner/eq1',
        valuesOf({
          'input.Q': real([5, 4], () => -1e18),
          'input.K': real([5, 4], () => 1e18),
          'param.W_down': real([3, 5], () => 0.2),
        }),
        { scale: 1 },
      )
      const answer = await answerOn(gpu, question)
      const shared = answer.get('A_down')
      const shares = shared?.kind === 'dense' ? [...shared.tensor.data] : []
      expect(new Set(shares).size).toBe(1)
      // a division, to 2.5 ULP
      expect(Math.abs(shares[0] - 1 / 3)).toBeLessThanOrEqual(2.5 * 2 ** -25)
      expect(await verdictOn(gpu, question)).toBe('pass')
    })

    test('scores far apart: the largest of its own row takes all', async () => {
      if (!there) return
      const reference = float32()
      const expected = softmaxes(reference).map((one) => read(reference, one))
      const session = await gpu.session()
      expect(await session.read(softmaxes(session))).toEqual(expected)
      session.close()
    })

    test('what weighs nothing adds nothing, however infinite it is', async () => {
      if (!there) return
      const session = await gpu.session()
      const [weights, terms] = [
        [0, -0, 0, 2],
        [-Infinity, Infinity, NaN, 3],
      ].map((values) => session.dense(real([4], (i) => values[i])))
      const [value] = await session.read([{ kind: 'dense', x: session.rules.weigh(weights, terms) }])
      session.close()
      // zeros of either sign: WGSL need not tell them apart
      const found = value.kind === 'dense' ? [...value.tensor.data] : []
      expect(found.map((one) => (one === 0 ? 0 : one))).toEqual([0, 0, 0, 6])
    })

    test('subnormals are above zero where they are compared, and moved as they are', async () => {
      if (!there) return
      const tiny = 2 ** -149
      const A_down = real([1, 6], (i) => [tiny, 0, -tiny, 2 ** -126, -0, 1][i])
      const kept = await answerOn(
        gpu,
        ask('sparsifiner/eq2', valuesOf({ 'input.A_down': A_down }), { tau: 0 }),
      )
      expect(kept.get('A_tilde')).toMatchObject({
        tensor: { data: Float32Array.of(tiny, 0, 0, 2 ** -126, 0, 1) },
      })
    })

    test('of equal scores the lower column wins, and zeros hold places above negatives', async () => {
      if (!there) return
      const scores = (values: readonly number[], budget: number): Question =>
        ask(
          'sparsifiner/eq3',
          valuesOf({
            'input.A_tilde': real([values.length, 1], () => 1),
            'param.W_up': real([1, values.length], (i) => values[i]),
          }),
          { budget },
        )
      const kept = async (values: readonly number[], budget: number): Promise<number[]> => {
        const M = (await answerOn(gpu, scores(values, budget))).get('M')
        return M?.kind === 'mask' ? [...M.mask.data.subarray(0, values.length)] : []
      }
      expect(await kept([1, 2, 1, 2, 1], 3)).toEqual([1, 1, 0, 1, 0])
      expect(await kept([-1, 0, -2, 3, -1], 3)).toEqual([1, 0, 0, 1, 0])
      expect(await kept([-1, -1, -2, 3, -1], 3)).toEqual([1, 1, 0, 1, 0])
      expect(await kept([0, 0, -2, 3, -1], 2)).toEqual([0, 0, 0, 1, 0])
      expect(await kept([-1, -2, -3, -4, -5], 9)).toEqual([1, 1, 1, 1, 1])
    })
  })
}
