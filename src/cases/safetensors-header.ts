import { QuestionError } from '../errors.ts'
import { clip, MAX_RANK } from './raw-tensor.ts'

/** What a header says of one tensor; nothing is checked against the file yet. */
export interface Entry {
  readonly dtype: string
  readonly shape: readonly number[]
  /** Where its data lie, in bytes from the end of the header. */
  readonly begin: number
  readonly end: number
}

export interface Header {
  readonly metadata: ReadonlyMap<string, string>
  readonly entries: ReadonlyMap<string, Entry>
}

export const METADATA = '__metadata__'

/**
 * Reads a header's JSON: an object of tensors and, under `__metadata__`, an object of strings. JSON.parse would keep
 * the last of two equal names, move names that look like numbers to the front, and build whatever a hostile header
 * nests; this takes the header's own grammar and nothing else, so its depth is bounded and its memory the text's.
 * @throws QuestionError naming the tensor
 */
export function parseHeader(text: string): Header {
  const scan = new Scanner(text)
  const metadata = new Map<string, string>()
  const entries = new Map<string, Entry>()
  if (!text.startsWith('{')) scan.fail('a header that is a JSON object, its first byte "{"')
  scan.members('a JSON object', (name) => {
    scan.tensor = name
    if (name !== METADATA) entries.set(name, entry(scan))
    else scan.members('an object of strings', (key) => metadata.set(key, scan.string('a string')))
    scan.tensor = undefined
  })
  scan.end()
  return { metadata, entries }
}

function entry(scan: Scanner): Entry {
  const whole = 'an object of dtype, shape and data_offsets'
  let dtype: string | undefined
  let shape: number[] | undefined
  let offsets: number[] | undefined
  scan.members(whole, (key) => {
    if (key === 'dtype') dtype = scan.string('dtype to be a string')
    else if (key === 'shape')
      shape = scan.integers('shape to be a list of whole numbers from 0 to 2^53 - 1', MAX_RANK)
    else if (key === 'data_offsets')
      offsets = scan.integers('data_offsets to be two whole numbers up to 2^53 - 1', 2)
    else scan.refuse(`${whole}, nothing else`, `"${clip(key)}"`)
  })
  if (dtype === undefined) return scan.refuse(whole, 'no dtype')
  if (shape === undefined) return scan.refuse(whole, 'no shape')
  if (offsets === undefined) return scan.refuse(whole, 'no data_offsets')
  if (offsets.length !== 2) return scan.refuse('two data_offsets', `${offsets.length}`)
  return { dtype, shape, begin: offsets[0], end: offsets[1] }
}

class Scanner {
  /** The member of the header being read, for messages. */
  tensor: string | undefined
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** An object's members in order, each name once; `member` must take the value. */
  members(what: string, member: (key: string) => void): void {
    const seen = new Set<string>()
    if (!this.#skip('{')) this.fail(what)
    if (this.#skip('}')) return
    do {
      const key = this.string('a quoted name')
      if (seen.has(key)) {
        this.tensor ??= key
        this.refuse('each name once in an object', `"${clip(key)}" twice`)
      }
      seen.add(key)
      if (!this.#skip(':')) this.fail('":"')
      member(key)
    } while (this.#skip(','))
    if (!this.#skip('}')) this.fail('"," or "}"')
  }

  string(what: string): string {
    this.#blank()
    if (this.#text[this.#at] !== '"') this.fail(what)
    return this.#unquote() ?? this.fail('a valid JSON string')
  }

  integers(what: string, most: number): number[] {
    const list: number[] = []
    if (!this.#skip('[')) this.fail(what)
    if (this.#skip(']')) return list
    do {
      if (list.length === most) this.fail(`${what}, at most ${most}`)
      list.push(this.#integer(what))
    } while (this.#skip(','))
    if (!this.#skip(']')) this.fail(`${what}, then "]"`)
    return list
  }

  end(): void {
    this.#blank()
    if (this.#at < this.#text.length) this.fail('nothing but spaces after the JSON object')
  }

  /** For what stands where the scanner is. */
  fail(expected: string): never {
    const rest = clip(this.#text.slice(this.#at, this.#at + 41), 40)
    this.refuse(
      expected,
      `${rest ? `'${rest}'` : 'the end of the header'} at character ${this.#at} of the header`,
    )
  }

  refuse(expected: string, found: string): never {
    throw new QuestionError({
      ...(this.tensor !== undefined && { tensor: clip(this.tensor) }),
      expected,
      found,
    })
  }

  #integer(what: string): number {
    this.#blank()
    const token = /(?:0|[1-9][0-9]{0,15})(?![0-9.eE])/y
    token.lastIndex = this.#at
    const value = Number(token.exec(this.#text)?.[0])
    if (!Number.isSafeInteger(value)) this.fail(what)
    this.#at = token.lastIndex
    return value
  }

  /** The string that opens here; undefined, and nothing taken, where it never closes or is not JSON's. */
  #unquote(): string | undefined {
    // Not one regular expression: on a string of megabytes its backtracking would overflow.
    let close = this.#text.indexOf('"', this.#at + 1)
    while (close !== -1 && this.#escaped(close)) close = this.#text.indexOf('"', close + 1)
    if (close === -1) return undefined
    try {
      const value: unknown = JSON.parse(this.#text.slice(this.#at, close + 1))
      // Half a surrogate pair, written as an escape, has no UTF-8 and could not be written back.
      if (typeof value !== 'string' || /\p{Cs}/u.test(value)) return undefined
      this.#at = close + 1
      return value
    } catch {
      return undefined
    }
  }

  #escaped(quote: number): boolean {
    let at = quote
    while (this.#text[at - 1] === '\\') at--
    return (quote - at) % 2 === 1
  }

  #skip(char: string): boolean {
    this.#blank()
    if (this.#text[this.#at] !== char) return false
    this.#at++
    return true
  }

  #blank(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? '.')) this.#at++
  }
}
