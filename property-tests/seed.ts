import type { Parameters } from 'fast-check'

/**
 * Settings for every property. fast-check draws a seed and prints it when a property fails; TOUCHSTONE_SEED fixes it,
 * so that `TOUCHSTONE_SEED=… npx vitest run property-tests` runs the same cases again.
 * @param numRuns cases per property; fast-check's 100 when left out
 * @throws RangeError when TOUCHSTONE_SEED is not a whole number
 */
export function parameters(numRuns?: number): Pick<Parameters, 'seed' | 'numRuns'> {
  const runs = numRuns === undefined ? {} : { numRuns }
  const text = process.env['TOUCHSTONE_SEED']
  if (text === undefined || text === '') return runs
  const seed = Number(text)
  if (!Number.isSafeInteger(seed))
    throw new RangeError(`TOUCHSTONE_SEED: expected a whole number, found "${text}"`)
  return { seed, ...runs }
}
