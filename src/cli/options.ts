import { InvalidArgumentError, Option } from 'commander'

/** Exit codes: all held, something judged wrong, the question could not be asked. */
export const HELD = 0
export const WRONG = 1
export const NOT_ASKED = 2

/** Parses an option that takes a whole number, with `max` where more could not be held, or waited for. */
export function wholeNumber(min: number, max: number = Infinity): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < min || value > max) {
      const most = value > Number.MAX_SAFE_INTEGER ? Math.min(max, Number.MAX_SAFE_INTEGER) : max
      const expected = most === Infinity ? `an integer ≥ ${min}` : `an integer from ${min} to ${most}`
      throw new InvalidArgumentError(`expected ${expected}.`)
    }
    return value
  }
}

export const jsonOption = (): Option =>
  new Option(
    '--json <file>',
    'also write the same as JSON to this file; "-" is standard output, instead of text',
  ).argParser((path) => {
    // `check --json a.safetensors b.safetensors` would lose a case
    if (!/\.safetensors$/i.test(path)) return path
    throw new InvalidArgumentError('expected a file for JSON, not a case.')
  })

/** Parses the name of a file to be written: tensors do not go to standard output. */
export function fileName(path: string): string {
  if (path !== '-' && path !== '') return path
  throw new InvalidArgumentError('expected a file.')
}

export const seedOption = (): Option =>
  new Option('--seed <n>', 'seed of everything drawn at random; the same seed gives the same questions')
    .argParser(wholeNumber(0))
    .default(1)

export const allowNonFiniteOption = (): Option =>
  new Option(
    '--allow-non-finite',
    'take NaN and infinities in inputs and params, which otherwise cannot be asked',
  )

export const acceptSuspectOption = (): Option =>
  new Option('--accept-suspect', 'exit with 0 where the worst verdict is "suspect"; not for a gate in CI')

export const directionsOption = (): Option =>
  new Option(
    '--directions <when>',
    'when to look for named bugs that the errors go along; "always" finds smaller ones and takes longer, and needs a profile that rounds float32 to nearest: under others it counts as "on-suspicion"',
  )
    .choices(['never', 'on-suspicion', 'always'])
    .default('on-suspicion')
