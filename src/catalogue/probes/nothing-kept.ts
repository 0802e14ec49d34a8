import { primitivesOf } from './primitives-of.ts'
import { isFilled, mapped, rowLength, type Probe } from './probe.ts'

/** Above which no weight of a softmax over several entries usually is. */
const TAU = 0.9

/**
 * Rows with nothing above τ, rows of coefficients that are all zero, rows of a mask that keep nothing: where runtimes divide 0 by 0, or
 * keep the first `budget` columns of a row of zeros.
 */
export const nothingKept: Probe = {
  name: 'nothing-kept',
  about: 'rows with nothing above τ, empty mask rows: 0/0, zeros that are kept, rows skipped and not written',
  applies: (equation) =>
    primitivesOf(equation).has('threshold') || isFilled(equation, 'coefficients', 'mask'),
  sampling: ({ config }) => ({
    magnitude: 1,
    ...(config['tau'] === undefined ? {} : { over: { tau: TAU } }),
  }),
  change(drawn) {
    const { spec, value, config } = drawn
    if (spec.fill === 'mask' && value.kind === 'mask') {
      const width = rowLength(value.mask)
      const data = value.mask.data.map((entry, i) => (isEven(i, width) ? 0 : entry))
      return { kind: 'mask', mask: { shape: value.mask.shape, data } }
    }
    if (value.kind === 'mask') return undefined
    const width = rowLength(value.tensor)
    if (spec.fill === 'coefficients') return mapped(drawn, (x, i) => (isEven(i, width) ? 0 : x))
    const { tau } = config
    if (spec.fill !== 'probabilities' || typeof tau !== 'number') return undefined
    return mapped(drawn, (x, i) => (isEven(i, width) ? Math.min(x, Math.fround(tau)) : x))
  },
}

function isEven(index: number, width: number): boolean {
  return Math.floor(index / width) % 2 === 0
}
