import { describe, expect, test } from 'vitest'
import type { Gpu } from '../gpu/index.ts'
import { tensor, type Tensor } from '../reference/tensor.ts'
import { findEquation } from '../src/cases/names.ts'
import type { Question } from '../src/cases/question.ts'
import { sample } from '../src/catalogue/sample.ts'
import { ask, valuesOf } from '../src/laws/questions.ts'
import { judging } from '../src/verification/cases.ts'
import { fusedOn } from './gpu-lab.ts'

/** What the judge says of the GPU's answer by fused kernels, and of what. */
export async function verdictOf(device: Gpu, question: Question): Promise<string> {
  const { verdict, outputs } = judging({ question, file: null, seed: 0 })(await fusedOn(device, question))
  const wrong = outputs.filter((output) => output.verdict !== 'pass')
  return wrong.length === 0 ? verdict : `${verdict}: ${JSON.stringify(wrong)}`
}

const real = (shape: readonly number[], value: (i: number) => number): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((n, extent) => n * extent, 1) }, (_, i) => value(i)),
    shape,
  )

/** Tests of what is at the edge of what rows may hold, in fused kernels, which every form of them must get right. */
export function testFusedEdges(gpu: Gpu | string, timeout?: number): void {
  const there = typeof gpu !== 'string'
  describe.skipIf(!there)('edges of fused kernels', { ...(timeout !== undefined && { timeout }) }, () => {
    /** Linformer of one query to as many keys as there are scores, which are what `scores` says. */
    const attending = (scores: readonly number[], scale: number): Question => {
      const m = scores.length
      const unit = real([m, m], (i) => (i % (m + 1) === 0 ? 1 : 0))
      return ask(
        'sparsifiner/linformer',
        valuesOf({
          'input.Q': real([m, 1], () => 1),
          'input.K': real([m, 1], (i) => scores[i]),
          'input.V': real([m, 1], (i) => i),
          'param.E': unit,
          'param.F': unit,
        }),
        { scale },
      )
    }
    const attended = async (scores: readonly number[], scale = 1): Promise<number> => {
      if (!there) return NaN
      const X_next = (await fusedOn(gpu, attending(scores, scale))).get('X_next')
      return X_next?.kind === 'dense' ? X_next.tensor.data[0] : NaN
    }

    /** What the mean of 0 … m − 1 may be off: two sums of m weights that are alike, and a division of 2.5 ULP; u = 2⁻²⁴. */
    const uniformly = (m: number): number => (2 * m + 5) * 2 ** -24 * ((m - 1) / 2)

    test('rows of large negative scores share the attention, however many keys come first', async () => {
      if (!there) return
      for (const m of [1, 3, 4, 5, 64, 65]) {
        for (const scale of [1e18, -1e18]) {
          const off = (await attended(new Array<number>(m).fill(-1e18), scale)) - (m - 1) / 2
          expect(Math.abs(off)).toBeLessThanOrEqual(uniformly(m))
        }
      }
    })

    test('one score far above the others takes all, wherever it stands', async () => {
      if (!there) return
      for (const m of [9, 130]) {
        for (const at of [0, 1, 4, 5, 8, 63, 64, 129].filter((place) => place < m)) {
          const scores = Array.from({ length: m }, (_, i) => (i === at ? 1000 : -1000))
          expect(await attended(scores)).toBe(at)
        }
      }
    })

    describe('scores far apart: the largest of its own row takes all', () => {
      // scores are q·k: of rows 0 and 2 that of the last key is the largest, of rows 1 and 3 that of the first
      const [q, k, v] = [
        [1000, -1000, 2000, -3000],
        [-3, 1, 2, 5],
        [1, 2, 3, 4],
      ]
      const held = [
        [1, 1, 1, 0],
        [1, 1, 1, 1],
        [0, 0, 1, 1],
        [0, 1, 1, 0],
      ]

      test.each([
        ['masked', [3, 1, 4, 2]],
        ['full', [0, 1, 4, 0]],
      ] as const)('in sparse attention, %s', async (normalize, expected) => {
        if (!there) return
        const session = await gpu.session({ fuse: true })
        const [Q, K, V] = [q, k, v].map((values) => session.dense(real([4, 1], (i) => values[i])))
        const M = session.mask({ shape: [4, 4], data: Uint8Array.from(held.flat()) })
        const operands = { M, Q, K, V, factor: 1, normalize }
        const x = session.rules.composite('sparseAttention', operands, () => session.rules.scale(V, 0))
        const [found] = await session.read([{ kind: 'dense', x }])
        session.close()
        expect(found).toMatchObject({ tensor: { data: Float32Array.from(expected) } })
      })

      test('where tokens are pooled', async () => {
        if (!there) return
        const session = await gpu.session({ fuse: true })
        const logits = session.dense(real([4, 4], (i) => q[Math.floor(i / 4)] * k[i % 4]))
        const tokens = session.dense(real([4, 4, 1], (i) => i))
        const x = session.rules.composite('softmaxPooling', { logits, tokens }, () => {
          const weights = session.rules.reshape(session.rules.softmax(logits), [4, 1, 4])
          return session.rules.matmul(weights, tokens)
        })
        const [found] = await session.read([{ kind: 'dense', x }])
        session.close()
        expect(found).toMatchObject({ tensor: { data: Float32Array.of(3, 4, 11, 12) } })
      })

      test('where masks are predicted', async () => {
        if (!there) return
        const session = await gpu.session({ fuse: true })
        const [Q, K] = [q, k].map((values) => session.dense(real([4, 1], (i) => values[i])))
        const W_down = session.dense(real([4, 4], (i) => (i % 5 === 0 ? 1 : 0)))
        // the coefficient of key j is the score of column j + 1
        const W_up = session.dense(
          real([4, 4], (i) => ((i % 4) - Math.floor(i / 4) === 1 || i === 12 ? 1 : 0)),
        )
        const operands = { Q, K, W_down, W_up, factor: 1, tau: 0, budget: 2 }
        const x = session.rules.composite('maskPredictor', operands, () =>
          session.rules.topK(session.rules.compress(W_up), 2),
        )
        const [found] = await session.read([{ kind: 'mask', x }])
        session.close()
        const expected = [1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0]
        expect(found).toMatchObject({ mask: { data: Uint8Array.from(expected) } })
      })
    })

    test('rows that keep nothing attend to nothing: what is left is the bias', async () => {
      if (!there) return
      for (const config of [{ budget: 0 }, { tau: 1, budget: 3 }]) {
        const question = sample(findEquation('sparsifiner/attention'), 1, {
          lead: [2],
          sizes: { n: 5, C: 6, m: 3 },
          config: { heads: 2, normalize: 'masked', class_row: 'sparse', ...config },
          has: () => true,
        })
        expect(await verdictOf(gpu, question)).toBe('pass')
        const attn = (await fusedOn(gpu, question)).get('attn')
        const bias = question.tensors.get('param.attn.proj.bias')
        if (attn?.kind !== 'dense' || bias?.kind !== 'dense') throw new TypeError('no attn, or no bias')
        expect(attn.tensor.data.slice(0, 6)).toEqual(bias.tensor.data)
      }
    })

    test('one token of one channel, with and without what is optional', async () => {
      if (!there) return
      for (const has of [true, false]) {
        const sizes = { Nx: 1, Ns: 1, C: 1, rC: 1 }
        const question = sample(findEquation('stvit/eq6'), 1, {
          sizes,
          lead: [],
          config: { heads: 1 },
          has: () => has,
        })
        expect(await verdictOf(gpu, question)).toBe('pass')
      }
    })

    test('subnormal scores weigh alike', async () => {
      if (!there) return
      const off = (await attended([2 ** -149, 0, -(2 ** -149), 2 ** -130, -0])) - 2
      expect(Math.abs(off)).toBeLessThanOrEqual(uniformly(5))
    })
  })
}
