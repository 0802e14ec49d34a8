import { QuestionError } from '../errors.ts'
import { clip } from './raw-tensor.ts'

/**
 * Refuses valid JSON of which an object gives a name twice: JSON.parse would keep the last and say nothing of the first.
 * @throws QuestionError naming it
 */
export function demandEachOnce(tensor: string, text: string): void {
  const key = repeatedKey(text)
  if (key === undefined) return
  throw new QuestionError({ tensor, expected: 'each key once', found: `${JSON.stringify(clip(key))} twice` })
}

/** A value of JSON.parse as JSON for a message; it takes what is nested deeper than JSON.stringify does. */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'nothing'
  } catch {
    return 'what is nested too deep to show'
  }
}

/** The first name that stands twice in one object. */
function repeatedKey(text: string): string | undefined {
  const objects: Set<string>[] = []
  const colon = /\s*:/y
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '{') objects.push(new Set())
    else if (text[at] === '}') objects.pop()
    else if (text[at] === '"') {
      const open = at
      do at = text.indexOf('"', at + 1)
      while (escaped(text, at))
      colon.lastIndex = at + 1
      if (!colon.test(text)) continue
      const key = String(JSON.parse(text.slice(open, at + 1)))
      if (objects.at(-1)?.has(key) === true) return key
      objects.at(-1)?.add(key)
    }
  }
  return undefined
}

function escaped(text: string, quote: number): boolean {
  let at = quote
  while (text[at - 1] === '\\') at--
  return (quote - at) % 2 === 1
}
