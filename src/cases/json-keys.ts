import { QuestionError } from '../errors.ts'

/**
 * Refuses an object, in valid JSON, that gives a name twice: JSON.parse would keep the last and say nothing of the first.
 * @throws QuestionError naming it
 */
export function demandEachOnce(tensor: string, text: string): void {
  const key = repeatedKey(text)
  if (key === undefined) return
  throw new QuestionError({ tensor, expected: 'each key once', found: `${JSON.stringify(key)} twice` })
}

/**
 * The first name that stands twice before a colon; what is nested counts with the rest, since nothing here may nest.
 */
function repeatedKey(text: string): string | undefined {
  const seen = new Set<string>()
  for (let open = text.indexOf('"'); open !== -1;) {
    let close = text.indexOf('"', open + 1)
    while (escaped(text, close)) close = text.indexOf('"', close + 1)
    if (/^\s*:/.test(text.slice(close + 1, close + 65))) {
      const key = String(JSON.parse(text.slice(open, close + 1)))
      if (seen.has(key)) return key
      seen.add(key)
    }
    open = text.indexOf('"', close + 1)
  }
  return undefined
}

function escaped(text: string, quote: number): boolean {
  let at = quote
  while (text[at - 1] === '\\') at--
  return (quote - at) % 2 === 1
}
