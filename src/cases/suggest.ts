import { closest, distance } from 'fastest-levenshtein'

/**
 * `did you mean "W_up"?`, where some known name is near enough to be what was meant: in letters, whatever their case,
 * and with one in common.
 */
export function didYouMean(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined
  const small = known.map((each) => each.toLowerCase())
  const nearest = closest(name.toLowerCase(), small)
  const apart = distance(name.toLowerCase(), nearest)
  const near =
    apart <= Math.max(2, Math.floor(nearest.length / 3)) && apart < Math.max(name.length, nearest.length)
  return near ? `did you mean "${known[small.indexOf(nearest)]}"?` : undefined
}

/** The longest list that a hint spells out. */
const SHORT_LIST = 12

/** The hint for an unknown name: the nearest known one, else the list if it is short, else the command that shows it. */
export function hintFor(name: string, known: readonly string[], command = '"touchstone list"'): string {
  if (known.length === 0) return 'there are none'
  const list = known.length > SHORT_LIST ? `${command} shows them` : `known: ${known.join(', ')}`
  return didYouMean(name, known) ?? list
}
