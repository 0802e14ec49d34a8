import type { Value } from '../../../reference/evaluator.ts'
import type { Random } from '../../random.ts'
import type { Equation, Fill } from '../schema.ts'
import { exactOutputs } from './exactness.ts'
import { isOfNorm, mapped, probeQuestion, reals, rowLength, type Probe } from './probe.ts'

/** d = 16: 1/√d and its own root are powers of two, so that a scale split between q and k is exact too. */
const WIDTH = 16

/**
 * Small integers, or fractions of a small power of two, whose products sum exactly in any order: here a runtime has no rounding to
 * plead, and the tolerance is zero up to the first exp, root or division. Narrow formats hold them too.
 */
export const integers: Probe = {
  name: 'integers',
  about:
    'small integers, exact in any order of summing up to the first exp or root: transposed, dropped or doubled terms',
  applies: (equation) => exactOutputs(probeQuestion(integers, equation, 1)).size > 0,
  sampling: (equation) => ({
    magnitude: 1,
    over: sumsRatherThanMeans(equation),
    // a norm is exact of nothing
    has: (name) => (isOfNorm(equation, name) ? false : undefined),
    adjust: (sizes, { heads }) => ({
      ...sizes,
      ...('d' in sizes ? { d: WIDTH } : {}),
      ...('C' in sizes ? { C: WIDTH * Number(heads ?? 1) } : {}),
      ...('B' in sizes ? { B: 2 } : {}),
      ...('n' in sizes ? { n: 8 } : {}),
    }),
    // means over them divide by a power of two
    ...(hasFreeShape(equation) ? { lead: [2, 4] } : {}),
  }),
  change(drawn, source) {
    const { spec, value } = drawn
    if (value.kind === 'mask') return undefined
    if (spec.fill === 'target') return labels(value, source)
    const draw = values[spec.fill]
    return draw === undefined ? undefined : mapped(drawn, () => draw(source))
  },
  exact: exactOutputs,
}

const values: Readonly<Partial<Record<Fill, (source: Random) => number>>> = {
  tokens: (source) => source.integer(-3, 3),
  weight: (source) => source.integer(-2, 2),
  weights: (source) => source.integer(-2, 2),
  bias: (source) => source.integer(-2, 2),
  gain: (source) => source.pick([1, 2]),
  layerScale: (source) => source.pick([0.5, 1]),
  basis: (source) => source.integer(-3, 3) / 4,
  scalar: (source) => source.integer(0, 8),
  probabilities: (source) => source.integer(0, 4) / 8,
  coefficients: (source) => source.integer(0, 4) / 8,
}

/** One label a row, not smoothed. */
function labels({ tensor }: Extract<Value, { kind: 'dense' }>, source: Random): Value {
  const width = rowLength(tensor)
  const label = Array.from({ length: tensor.size / width }, () => source.integer(0, width - 1))
  return reals(tensor.shape, (i) => (label[Math.floor(i / width)] === i % width ? 1 : 0))
}

function sumsRatherThanMeans({ config }: Equation): Record<string, string> {
  const { reduction } = config
  return reduction?.kind === 'choice' && reduction.choices.includes('sum') ? { reduction: 'sum' } : {}
}

function hasFreeShape({ inputs }: Equation): boolean {
  const dims = Object.values(inputs)
  return dims.length > 0 && dims.every((spec) => spec.dims.length === 1 && spec.dims[0] === '..')
}
