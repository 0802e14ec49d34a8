import { windowPartition, windowReverse } from '../../../reference/stvit/window-partition.ts'
import type { Sizes } from '../dimensions.ts'
import type { ConfigSpec, Draw, Equation, Violation } from '../schema.ts'

export const windowSize: ConfigSpec = {
  kind: 'integer',
  min: 1,
  about: 'rows and columns of a window; must divide H and W',
}

/** nH and nW, how many windows of w × w lie below and beside one another, or that they do not fit. */
export function windowsOf(sizes: Sizes, w: number, where: string): Sizes | Violation {
  const { H, W } = sizes
  if (H % w !== 0 || W % w !== 0) {
    return { where, expected: `windows that divide a map of ${H} × ${W}`, found: `${w} × ${w}` }
  }
  return { ...sizes, w, nH: H / w, nW: W / w }
}

/** `Nw` as the tensor at `where` has it must be the number of windows, nH·nW. */
export function demandWindows(sizes: Sizes, where: string): Sizes | Violation {
  const { Nw, nH, nW } = sizes
  if (Nw === nH * nW) return sizes
  return { where, expected: `Nw = ${nH} × ${nW} windows`, found: `${Nw}` }
}

export const partition: Equation = {
  id: 'stvit/window-partition',
  title: 'A map cut into windows',
  source: 'STViT §3.2',
  file: 'reference/stvit/window-partition.ts',
  inputs: { X: { dims: ['..', 'H', 'W', 'C'], fill: 'tokens' } },
  params: {},
  config: { w: windowSize },
  exposes: { windows: { dims: ['..', 'nH·nW', 'w', 'w', 'C'], output: true } },
  derive: (sizes, { w }) => windowsOf(sizes, Number(w), 'config.w'),
  sizes: (draw, { w }) => ({
    H: Number(w) * draw.integer(1, 4),
    W: Number(w) * draw.integer(1, 4),
    C: draw.integer(1, 8),
  }),
  sampleConfig: (draw) => ({ w: draw.integer(1, 4) }),
  evaluate: (a, ask) => windowPartition(a, { X: ask.input('X') }, { w: ask.number('w') }),
}

export const reverse: Equation = {
  id: 'stvit/window-reverse',
  title: 'A map from its windows',
  source: 'STViT §3.2',
  file: 'reference/stvit/window-partition.ts',
  inputs: { windows: { dims: ['..', 'Nw', 'w', 'w', 'C'], fill: 'tokens' } },
  params: {},
  config: {
    H: { kind: 'integer', min: 1, about: 'rows of the map; w divides it' },
    W: { kind: 'integer', min: 1, about: 'columns of the map; w divides it, and Nw = H/w·W/w' },
  },
  exposes: { X: { dims: ['..', 'H', 'W', 'C'], output: true } },
  derive(sizes, { H, W }) {
    const found = windowsOf({ ...sizes, H: Number(H), W: Number(W) }, sizes['w'], 'input.windows')
    return 'where' in found ? found : demandWindows(found, 'input.windows')
  },
  sizes(draw, { H, W }) {
    const w = commonDivisor(draw, Number(H), Number(W))
    return { Nw: (Number(H) / w) * (Number(W) / w), w, C: draw.integer(1, 8) }
  },
  sampleConfig(draw) {
    const w = draw.integer(1, 4)
    return { H: w * draw.integer(1, 4), W: w * draw.integer(1, 4) }
  },
  evaluate: (a, ask) =>
    windowReverse(a, { windows: ask.input('windows') }, { H: ask.number('H'), W: ask.number('W') }),
}

function commonDivisor(draw: Draw, x: number, y: number): number {
  const up = Array.from({ length: Math.min(x, y) }, (_, i) => i + 1)
  return draw.pick(up.filter((w) => x % w === 0 && y % w === 0))
}
