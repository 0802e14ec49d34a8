import type { Config, Equation } from '../schema.ts'
import { primitivesOf } from './primitives-of.ts'
import { mapped, rowLength, type Probe } from './probe.ts'

const TAU = 1 / 8
const BASIS = 1 / 64
/** 1/τ equal logits weigh τ each. */
const COEFFICIENTS = 8

/**
 * Values exactly at a threshold, one float32 above and one below it: only here `>` and `>=` differ. τ is dyadic. Where the coefficients are
 * computed, some queries are zero, which makes their weights 1/8 each, exactly τ.
 */
export const atThreshold: Probe = {
  name: 'at-threshold',
  about: 'values exactly at τ and next to it: >= for >, a threshold not rounded to float32',
  applies: (equation) =>
    primitivesOf(equation).has('threshold') || primitivesOf(equation).has('thresholdMagnitude'),
  sampling: (equation) => ({
    magnitude: 1,
    over: thresholds(equation),
    has: (name) => (computesCoefficients(equation) && name.endsWith('.bias') ? false : undefined),
    ...(computesCoefficients(equation) ? { adjust: (sizes) => ({ ...sizes, m: COEFFICIENTS }) } : {}),
  }),
  change(drawn, source) {
    const { spec, value, equation, config } = drawn
    const near = (t: number): number => source.pick([t, t, t + t * 2 ** -23, t - t * 2 ** -24, 2 * t, 0])
    const { tau, basis_threshold: basis } = config
    if (spec.fill === 'probabilities' && typeof tau === 'number') return mapped(drawn, () => near(tau))
    if (spec.fill === 'basis' && typeof basis === 'number') {
      return mapped(drawn, () => source.pick([-1, 1]) * near(basis))
    }
    if (spec.fill !== 'tokens' || !computesCoefficients(equation) || value.kind === 'mask') return undefined
    const width = rowLength(value.tensor)
    const zero = Array.from({ length: value.tensor.size / width }, () => source.uniform() < 1 / 3)
    return mapped(drawn, (x, i) => (zero[Math.floor(i / width)] ? 0 : x))
  },
}

function thresholds({ config }: Equation): Config {
  return {
    ...(config['tau'] === undefined ? {} : { tau: TAU }),
    ...(config['basis_threshold'] === undefined ? {} : { basis_threshold: BASIS }),
  }
}

/** Whether what is held against τ is itself the outcome of a softmax. */
function computesCoefficients(equation: Equation): boolean {
  return primitivesOf(equation).has('softmax') && primitivesOf(equation).has('threshold')
}
