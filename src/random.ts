import { createHash } from 'node:crypto'
import ln from '@stdlib/math-base-special-ln'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'

/** A seeded stream of numbers: the same bits from the same seed in every engine and on every machine. */
export interface Random {
  /**
   * A uniform integer in [min, max], both ends included.
   * @throws RangeError when an end or max − min is not a safe integer, or when max < min
   */
  integer(minInclusive: number, maxInclusive: number): number
  /** A uniform multiple of 2⁻⁵³ in [0, 1). */
  uniform(): number
  /** A standard normal number: mean 0, variance 1. */
  normal(): number
  /**
   * One of `items`, each as likely as the others.
   * @throws RangeError when there are none
   */
  pick<T>(items: readonly T[]): T
  /**
   * An independent stream that depends on the seed and the labels that led to it, not on what was drawn before: a
   * draw added in one place shifts no other. The same label gives the same stream again.
   */
  fork(label: string): Random
}

/** The stream of `seed`; a number and its decimal text are the same seed, since the command line knows only text. */
export function random(seed: number | string): Random {
  return stream([String(seed)])
}

/**
 * xoroshiro128+ (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), its 128 bits of state
 * taken from SHA-256 of `path`, so that neighbouring seeds and labels share nothing.
 */
function stream(path: readonly string[]): Random {
  // As JSON, because ['a', 'b'] and ['a/b'] must stay apart whatever the labels hold.
  const digest = createHash('sha256').update(JSON.stringify(path)).digest()
  const generator = xoroshiro128plusFromState([0, 4, 8, 12].map((at) => digest.readInt32LE(at)))
  let spare: number | undefined

  const self: Random = {
    integer(minInclusive, maxInclusive) {
      const [min, max] = [minInclusive, maxInclusive]
      if (![min, max, max - min].every(Number.isSafeInteger) || max < min) {
        throw new RangeError(`integer: expected safe integers min <= max, found ${min} and ${max}`)
      }
      return uniformInt(generator, min, max)
    },
    uniform: () => uniformFloat64(generator),
    /**
     * Marsaglia's polar method ("A convenient method for generating normal variables", 1964): (u, v) uniform in the
     * unit disc, s = u² + v²; u·√(−2 ln s / s) and v·√(−2 ln s / s) are independent and normal. Its square root is
     * correctly rounded by IEEE 754 and its logarithm stdlib's; Math.log and Math.cos are not the same bits everywhere.
     */
    normal() {
      if (spare !== undefined) {
        const kept = spare
        spare = undefined
        return kept
      }
      for (;;) {
        const [u, v] = [2 * self.uniform() - 1, 2 * self.uniform() - 1]
        const s = u * u + v * v
        if (s >= 1 || s === 0) continue
        const stretch = Math.sqrt((-2 * ln(s)) / s)
        spare = v * stretch
        return u * stretch
      }
    },
    pick(items) {
      if (items.length === 0) throw new RangeError('pick: expected at least one item, found none')
      return items[self.integer(0, items.length - 1)]
    },
    fork: (label) => stream([...path, label]),
  }
  return self
}
