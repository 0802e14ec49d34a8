import { knownTensors } from '../../cases/names.ts'
import type { TensorSpec } from '../schema.ts'
import { mapped, rowLength, type Probe } from './probe.ts'

/**
 * Half of the tokens the same: the sky of a photograph, or zeros as padding has them. Equal tokens round alike, so that their errors
 * add up instead of cancelling; a zero row has no variance, and equal keys tie.
 */
export const blankPatches: Probe = {
  name: 'blank-patches',
  about:
    'half of the tokens equal, or zero: norms of constant rows, padding that takes part, errors that add up',
  applies: (equation) => [...knownTensors(equation).values()].some(holdsTokens),
  sampling: () => ({ magnitude: 1 }),
  change(drawn, source) {
    const { spec, value } = drawn
    if (!holdsTokens(spec) || value.kind === 'mask') return undefined
    const width = rowLength(value.tensor)
    const zero = source.pick([true, false])
    const blank = Array.from({ length: width }, () => (zero ? 0 : source.normal()))
    const isBlank = Array.from({ length: value.tensor.size / width }, () => source.pick([true, false]))
    return mapped(drawn, (x, i) => (isBlank[Math.floor(i / width)] ? blank[i % width] : x))
  },
}

/** Rows of tokens, or a map of them. */
function holdsTokens({ fill, dims }: TensorSpec): boolean {
  return fill === 'tokens' && dims[0] === '..' && dims.length >= 3
}
