import { windowRecovery as text } from '../../../reference/stvit/window-recovery.ts'
import { layerOf } from '../ask.ts'
import type { Sizes } from '../dimensions.ts'
import { exposedInside, perWindow } from '../rewritten.ts'
import type { ConfigSpec, Equation, Violation } from '../schema.ts'
import { eps, fewChannels, heads, layerExposes, layerParams, splitIntoHeads } from '../specs.ts'

const windowsPerAxis: ConfigSpec = {
  kind: 'integer',
  min: 1,
  about: 'windows along each axis: nw × nw of them; must divide H and W',
}

/** Hw and Ww, the size of each of nw × nw windows, or that they do not fit. */
export function recoveryWindows(sizes: Sizes, nw: number): Sizes | Violation {
  const { H, W } = sizes
  if (H % nw !== 0 || W % nw !== 0) {
    return { where: 'config.nw', expected: `a divisor of H = ${H} and W = ${W}`, found: `${nw}` }
  }
  return { ...sizes, nw, Hw: H / nw, Ww: W / nw }
}

/** What Eq. (6) exposes in nw × nw windows, with `s` semantic tokens each, but for its last output. */
export function recoveryExposes(prefix: string, s: string): Equation['exposes'] {
  const steps = layerExposes('Hw·Ww', s, 'X_hat', 'X_out')
  return exposedInside(prefix, prefix, perWindow('nw·nw', steps), ['X_out'])
}

export const windowRecovery: Equation = {
  id: 'stvit/window-recovery',
  title: 'Eq. (6) in windows',
  source: 'STViT §3.3',
  file: 'reference/stvit/window-recovery.ts',
  inputs: {
    X: { dims: ['..', 'H', 'W', 'C'], fill: 'tokens' },
    S: { dims: ['..', 'Nw', 's', 'C'], fill: 'tokens' },
  },
  params: layerParams,
  config: { nw: windowsPerAxis, heads, eps },
  exposes: { ...recoveryExposes('', 's'), X_out: { dims: ['..', 'H', 'W', 'C'], output: true } },
  derive(sizes, config) {
    const nw = Number(config['nw'])
    const windows = recoveryWindows(sizes, nw)
    if ('where' in windows) return windows
    if (sizes['Nw'] !== nw * nw) {
      return { where: 'input.S', expected: `Nw = ${nw} × ${nw} windows`, found: `${sizes['Nw']}` }
    }
    return splitIntoHeads(windows, config)
  },
  sizes(draw, config) {
    const nw = Number(config['nw'])
    const C = fewChannels(draw, config)
    return {
      H: nw * draw.integer(1, 2),
      W: nw * draw.integer(1, 2),
      Nw: nw * nw,
      s: draw.integer(1, 4),
      C,
      rC: C * draw.pick([1, 2]),
    }
  },
  sampleConfig: (draw) => ({ nw: draw.integer(1, 3), heads: draw.integer(1, 3) }),
  evaluate(a, ask) {
    const config = { nw: ask.number('nw'), heads: ask.number('heads'), eps: ask.number('eps') }
    return text(a, { X: ask.input('X'), S: ask.input('S') }, layerOf(ask), config)
  },
}
