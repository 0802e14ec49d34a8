import { stepAt, stepError, type Accuracy } from '../profile/accuracy.ts'

/** What it may cost to store a number in the format of the profile's results. */
export interface Storing {
  /** H: of anything of a magnitude up to `most`, half the distance of the format's numbers there; infinite beyond its range. */
  one(most: number): number
  /**
   * Of a mean of n numbers of a magnitude up to `most`: their sum stored, n or 1/n rounded as a constant, the mean
   * stored. A sum beyond the format's range, of which no mean is left, is none that a runtime may have.
   */
  mean(most: number, n: number): number
}

/** {@link Storing} of a profile: nothing where its results are float32. */
export function storing({ profile, narrowConstant }: Accuracy): Storing {
  const { rounding, formats } = profile
  const one = (most: number): number => (most === 0 ? 0 : stepError(formats.results, 0, most, rounding))
  const share = rounding === 'nearest' ? 0.5 : 1
  return {
    one,
    mean(most, n) {
      if (most === 0) return 0
      const ofSum = (share * stepAt(formats.results, n * most)) / n
      const before = ofSum + narrowConstant(1 / n) * (most + ofSum)
      return before + one(most + before)
    },
  }
}
