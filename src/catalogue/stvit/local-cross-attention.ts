import { localCrossAttention as text } from '../../../reference/stvit/local-cross-attention.ts'
import { layerOf } from '../ask.ts'
import { only, perWindow } from '../rewritten.ts'
import type { Condition, Equation, ExposedSpec } from '../schema.ts'
import { eps, fewChannels, heads, layerExposes, layerParams, splitIntoHeads } from '../specs.ts'
import { demandWindows, windowSize, windowsOf } from './windows.ts'

const borders = ['clamped', 'centred'] as const
const clamped: Condition = ['key_windows', 'clamped']

/** Before S_hat each key window has its own size with `centred`, and nothing is one tensor. */
const attention = ['norm_q', 'norm_kv', 'q', 'k', 'v', 'scores', 'A', 'heads', 'attn']
const steps = Object.entries(perWindow('Nw', layerExposes('s', 'wk·wk', 'S_hat', 'S')))
const inside = (names: boolean): Record<string, ExposedSpec> =>
  Object.fromEntries(steps.filter(([name]) => attention.includes(name) === names))

export const localCrossAttention: Equation = {
  id: 'stvit/local-cross-attention',
  title: 'Eq. (1) in windows',
  source: 'STViT §3.2',
  file: 'reference/stvit/local-cross-attention.ts',
  inputs: {
    X: { dims: ['..', 'H', 'W', 'C'], fill: 'tokens' },
    P: { dims: ['..', 'Nw', 's', 'C'], fill: 'tokens' },
  },
  params: layerParams,
  config: {
    w: windowSize,
    wk: { kind: 'integer', min: 1, about: 'rows and columns of a key window; at least w' },
    key_windows: {
      kind: 'choice',
      choices: borders,
      default: 'clamped',
      about: 'key windows at the border: pushed back into the map, or centred and cut off there',
    },
    heads,
    eps,
  },
  exposes: {
    ...only(clamped, { keys: { dims: ['..', 'Nw', 'wk·wk', 'C'] }, ...inside(true) }),
    ...inside(false),
  },
  derive(sizes, config) {
    const { w, wk, key_windows } = config
    const cut = windowsOf(sizes, Number(w), 'config.w')
    const windows = 'where' in cut ? cut : demandWindows(cut, 'input.P')
    if ('where' in windows) return windows
    const { H, W } = sizes
    const most = key_windows === 'clamped' ? Math.min(H, W) : Infinity
    if (Number(wk) < Number(w) || Number(wk) > most) {
      const fits = most === Infinity ? '' : ` that fits the map of ${H} × ${W}`
      return { where: 'config.wk', expected: `a key window of at least w = ${w}${fits}`, found: `${wk}` }
    }
    return splitIntoHeads({ ...windows, wk: Number(wk) }, config)
  },
  sizes(draw, config) {
    const [w, wk] = [Number(config['w']), Number(config['wk'])]
    const [nH, nW] = [0, 1].map(() => Math.ceil(wk / w) + draw.integer(0, 1))
    const C = fewChannels(draw, config)
    return { H: nH * w, W: nW * w, Nw: nH * nW, s: draw.integer(1, 2), C, rC: C * draw.pick([1, 2]) }
  },
  sampleConfig(draw) {
    const w = draw.integer(1, 3)
    const wk = w + draw.integer(0, 2)
    return { w, wk, key_windows: draw.pick(borders), heads: draw.integer(1, 2) }
  },
  evaluate(a, ask) {
    const config = {
      w: ask.number('w'),
      wk: ask.number('wk'),
      key_windows: ask.choice('key_windows', borders),
      heads: ask.number('heads'),
      eps: ask.number('eps'),
    }
    return text(a, { X: ask.input('X'), P: ask.input('P') }, layerOf(ask), config)
  },
}
