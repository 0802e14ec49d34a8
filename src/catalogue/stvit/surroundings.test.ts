import { describe, expect, test } from 'vitest'
import { tensor } from '../../../reference/tensor.ts'
import { findEquation } from '../../cases/names.ts'
import { buildQuestion } from '../../cases/question.ts'
import { sample } from '../sample.ts'
import type { Config } from '../schema.ts'

const local = 'stvit/local-cross-attention'
const map = { H: 4, W: 6, C: 4 }
const windows = { ...map, Nw: 6, s: 1, rC: 4 }

describe('what cannot be asked', () => {
  test.each<[string, Record<string, number>, Config, string]>([
    [
      'stvit/window-partition',
      map,
      { w: 4 },
      'config.w: expected windows that divide a map of 4 × 6, found 4 × 4',
    ],
    ['stvit/window-reverse', { Nw: 6, w: 2, C: 1 }, { H: 4, W: 5 }, 'windows that divide a map of 4 × 5'],
    [
      'stvit/window-reverse',
      { Nw: 5, w: 2, C: 1 },
      { H: 4, W: 6 },
      'input.windows: expected Nw = 2 × 3 windows, found 5',
    ],
    [local, windows, { w: 2, wk: 1, heads: 1 }, 'config.wk: expected a key window of at least w = 2'],
    [local, windows, { w: 2, wk: 5, heads: 1 }, 'that fits the map of 4 × 6, found 5'],
    [
      local,
      { ...windows, Nw: 4 },
      { w: 2, wk: 3, heads: 1 },
      'input.P: expected Nw = 2 × 3 windows, found 4',
    ],
    [
      'stvit/window-recovery',
      windows,
      { nw: 3, heads: 1 },
      'config.nw: expected a divisor of H = 4 and W = 6, found 3',
    ],
    ['stvit/window-recovery', windows, { nw: 2, heads: 1 }, 'input.S: expected Nw = 2 × 2 windows, found 6'],
    ['stvit/dumbbell', map, { ws: 3, nw: 2, heads: 1 }, 'config.nw: expected a divisor of ws = 3, found 2'],
    [
      'stvit/stgm',
      { ...map, kd_intra: 2 },
      { ws: 2, heads: 1 },
      'param.pooling.intra.dw.weight: expected a kernel of odd size',
    ],
    [
      'stvit/patch-embedding',
      { H: 4, W: 6 },
      { p: 4 },
      'config.p: expected a divisor of H = 4 and W = 6, found 4',
    ],
  ])('%s %o %o', (id, sizes, config, message) => {
    expect(() => sample(findEquation(id), 1, { sizes, config })).toThrow(message)
  })

  test('a key window wider than the map, when it is cut off there, can', () => {
    const config = { w: 2, wk: 9, heads: 1, key_windows: 'centred' }
    expect(sample(findEquation(local), 1, { sizes: windows, config }).sizes['wk']).toBe(9)
  })

  test('params of a pooling that is not there', () => {
    const { equation, tensors, asked } = sample(findEquation('stvit/stgm'), 1, {
      config: { ws: 2, heads: 1, pooling: 'max' },
    })
    const name = 'param.pooling.intra.norm.weight'
    const more = new Map([
      ...tensors,
      [name, { kind: 'dense', tensor: tensor(new Float32Array(4), [4]) } as const],
    ])
    expect(() => buildQuestion(equation, more, asked)).toThrow(
      `${name}: expected this tensor with pooling "eq5" only`,
    )
  })
})
