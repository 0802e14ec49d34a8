import { hintFor } from '../../cases/suggest.ts'
import { QuestionError } from '../../errors.ts'
import { designFields, designKeys, plainDesign, type DesignField, type RuntimeDesign } from './design.ts'

type Draft = { -readonly [K in keyof RuntimeDesign]: RuntimeDesign[K] }

/** `expError` as it is typed: `exp-error`. */
export function optionName(key: keyof RuntimeDesign): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/**
 * Reads a design as it is typed after `simulated:`, `accumulate=blocked:16,matmul=tf32`; what is left out is plain.
 * @throws QuestionError naming the option
 */
export function parseDesign(text: string): RuntimeDesign {
  const given = new Map<string, string>()
  for (const part of text === '' ? [] : text.split(',')) {
    const [name, value] = splitOnce(part.trim())
    if (value === undefined) {
      throw new QuestionError({ tensor: 'simulated', expected: 'option=value', found: `"${part}"` })
    }
    if (given.has(name)) {
      throw new QuestionError({ tensor: `simulated: ${name}`, expected: 'it once', found: 'it twice' })
    }
    given.set(name, value)
  }
  return readDesign(given)
}

/**
 * A design of options by the names they are typed with; what is left out is plain.
 * @throws QuestionError naming the option, what it may be, and what was found
 */
export function readDesign(given: ReadonlyMap<string, string>): RuntimeDesign {
  const draft: Draft = { ...plainDesign }
  for (const [name, value] of given) {
    const key = designKeys.find((known) => optionName(known) === name)
    if (key === undefined) {
      throw new QuestionError({
        tensor: 'simulated',
        expected: 'a known option',
        found: `"${name}"`,
        hint: hintFor(name, designKeys.map(optionName), '"touchstone simulate --help"'),
      })
    }
    assign(draft, key, value)
  }
  return draft
}

function assign<K extends keyof RuntimeDesign>(draft: Pick<Draft, K>, key: K, value: string): void {
  const field: DesignField<RuntimeDesign[K]> = designFields[key]
  if (!field.is(value)) {
    const refusal = field.refuses?.[value]
    throw new QuestionError({
      tensor: `--${optionName(key)}`,
      expected: field.forms,
      found: `"${value}"`,
      ...(refusal === undefined ? {} : { hint: refusal }),
    })
  }
  draft[key] = value
}

/** What of a design is not plain, as it is typed: `accumulate=blocked:16,matmul=tf32`; of the plain one nothing. */
export function formatDesign(design: RuntimeDesign): string {
  return designKeys
    .filter((key) => design[key] !== plainDesign[key])
    .map((key) => `${optionName(key)}=${design[key]}`)
    .join(',')
}

function splitOnce(text: string): readonly [string, string?] {
  const at = text.indexOf('=')
  return at === -1 ? [text] : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}
