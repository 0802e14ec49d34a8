import type { Machine } from '../bounds-machine.ts'
import { row, type Primitive } from './primitive.ts'

const EPS = 1e-6

interface Normalised {
  readonly onePass?: boolean
  readonly byRoot?: boolean
  readonly dividedFirst?: boolean
  readonly map?: 'gain first' | 'folded' | 'folded, mean first' | 'normed parts'
}

/** LayerNorm of x, with weight and bias. */
const layerNorm =
  ({ onePass = false, byRoot = false, dividedFirst = false, map }: Normalised) =>
  (m: Machine, [x, weight, bias]: readonly (readonly number[])[]): number[] => {
    const mean = m.mean(x, dividedFirst)
    const centred = x.map((value) => m.subtract(value, mean))
    const square = (values: readonly number[]): number => m.divide(m.squares(values), values.length)
    const variance = onePass ? Math.max(0, m.subtract(square(x), m.multiply(mean, mean))) : square(centred)
    const r = m.inverseSqrt(m.add(variance, m.literal(EPS)), byRoot)
    return x.map((value, c) => {
      const [g, beta] = [weight[c], bias[c]]
      if (map === undefined) return m.add(m.multiply(m.multiply(centred[c], r), g), beta)
      if (map === 'gain first') return m.add(m.multiply(centred[c], m.multiply(r, g)), beta)
      if (map === 'normed parts') {
        return m.add(m.multiply(m.subtract(m.multiply(value, r), m.multiply(mean, r)), g), beta)
      }
      const gain = m.multiply(r, g)
      const offset = map === 'folded' ? m.multiply(mean, gain) : m.multiply(m.multiply(mean, r), g)
      return m.add(m.multiply(value, gain), m.subtract(beta, offset))
    })
  }

interface Stepped {
  readonly mean: 'divided' | 'times 1/n'
  readonly root: 'inverse' | 'reciprocal' | 'divided by'
  readonly gain: 'last' | 'with the root' | 'first'
}

/** The same, every step stored. */
const layerNormInSteps =
  ({ mean: how, root: by, gain }: Stepped) =>
  (m: Machine, [x, weight, bias]: readonly (readonly number[])[]): number[] => {
    const n = x.length
    const meanOf = (sum: number): number => {
      const stored = m.step(sum)
      return m.step(
        how === 'divided' ? m.divide(stored, m.stepConstant(n)) : m.multiply(stored, m.stepConstant(1 / n)),
      )
    }
    const mean = meanOf(m.sum(x))
    const centred = x.map((value) => m.step(m.subtract(value, mean)))
    const variance = meanOf(m.sum(centred.map((d) => m.step(m.multiply(d, d)))))
    const t = m.step(m.add(variance, m.stepConstant(EPS)))
    const inverse = m.inverseSqrt(t, false)
    const root = by === 'inverse' ? 1 : m.step(m.divide(1, inverse))
    const r = m.step(by === 'inverse' ? inverse : m.divide(1, root))
    const byRoot = (y: number): number => m.step(by === 'divided by' ? m.divide(y, root) : m.multiply(y, r))
    return x.map((_, c) => {
      const [d, g] = [centred[c], weight[c]]
      if (gain === 'last') return m.add(m.step(m.multiply(byRoot(d), g)), bias[c])
      if (gain === 'first') return m.add(byRoot(m.step(m.multiply(d, g))), bias[c])
      return m.add(m.step(m.multiply(d, byRoot(g))), bias[c])
    })
  }

export const norms: Readonly<Record<'layerNorm', Primitive>> = {
  layerNorm: {
    name: 'layerNorm',
    bounded: (rules, [x, weight, bias]) => {
      const n = x.v.length
      return rules.layerNorm(row(x), row(weight, [n]), row(bias, [n]), EPS)
    },
    forms: {
      'two passes': layerNorm({}),
      'two passes, by root': layerNorm({ byRoot: true, dividedFirst: true }),
      'one pass': layerNorm({ onePass: true }),
      'gain first': layerNorm({ map: 'gain first' }),
      folded: layerNorm({ map: 'folded' }),
      'folded, mean first': layerNorm({ map: 'folded, mean first' }),
      'normed parts': layerNorm({ map: 'normed parts' }),
      'in steps': layerNormInSteps({ mean: 'divided', root: 'inverse', gain: 'last' }),
      'in steps, by root': layerNormInSteps({ mean: 'divided', root: 'divided by', gain: 'last' }),
      'in steps, gain first': layerNormInSteps({ mean: 'times 1/n', root: 'divided by', gain: 'first' }),
      'in steps, gain with the root': layerNormInSteps({
        mean: 'times 1/n',
        root: 'reciprocal',
        gain: 'with the root',
      }),
    },
  },
}
