import type { Config, ConfigSpec, ConfigValue, Equation } from '../catalogue/schema.ts'
import { QuestionError } from '../errors.ts'
import { demandEachOnce, jsonOf } from './json-keys.ts'
import { clip } from './raw-tensor.ts'
import { hintFor } from './suggest.ts'

/**
 * Reads the JSON text of a case's `config` against the equation's keys. A key that is null counts as not given.
 * @returns the keys as asked, without defaults
 * @throws QuestionError naming the key
 */
export function readConfig({ config: specs }: Equation, text: string | undefined): Config {
  const tensor = 'config'
  let parsed: unknown
  try {
    parsed = JSON.parse(text ?? '{}')
  } catch (error) {
    throw new QuestionError({
      tensor,
      expected: 'JSON',
      found: String(text).slice(0, 80),
      hint: messageOf(error),
    })
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new QuestionError({ tensor, expected: 'a JSON object', found: String(text).slice(0, 80) })
  }
  demandEachOnce(tensor, text ?? '{}')
  const asked: Record<string, ConfigValue> = {}
  for (const [key, value] of Object.entries(parsed)) {
    if (!Object.hasOwn(specs, key)) {
      const known = Object.keys(specs)
      const found = `"${clip(key)}"`
      throw new QuestionError({ tensor, expected: 'a known key', found, hint: hintFor(clip(key), known) })
    }
    if (value !== null) asked[key] = readValue(key, specs[key], value)
  }
  return asked
}

/**
 * Adds the defaults.
 * @throws QuestionError where a required key is missing, or not exactly one of those that exclude each other is given
 */
export function withDefaults({ config: specs, oneOf }: Equation, asked: Config): Config {
  if (oneOf !== undefined) demandOne(oneOf, asked)
  const config: Record<string, ConfigValue> = { ...asked }
  for (const [key, spec] of Object.entries(specs)) {
    if (config[key] !== undefined || spec.optional === true) continue
    if (spec.default === undefined) {
      throw new QuestionError({
        tensor: `config.${key}`,
        expected: describe(spec),
        found: 'nothing',
        hint: spec.about,
      })
    }
    config[key] = spec.default
  }
  return config
}

function demandOne(keys: readonly string[], asked: Config): void {
  const chosen = keys.filter((key) => asked[key] !== undefined)
  if (chosen.length === 1) return
  throw new QuestionError({
    tensor: 'config',
    expected: `exactly one of ${keys.join(', ')}`,
    found: chosen.length === 0 ? 'none of them' : chosen.join(' and '),
  })
}

function readValue(key: string, spec: ConfigSpec, value: unknown): ConfigValue {
  const refuse = (hint?: string): QuestionError =>
    new QuestionError({
      tensor: `config.${key}`,
      expected: describe(spec),
      // JSON has no infinity: 1e999 would show as null
      found: typeof value === 'number' ? `${value}` : jsonOf(value).slice(0, 80),
      ...(hint === undefined ? {} : { hint }),
    })
  if (spec.kind === 'choice') {
    if (typeof value === 'string' && spec.choices.includes(value)) return value
    throw refuse(typeof value === 'string' ? hintFor(value, spec.choices) : undefined)
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) throw refuse()
  if (spec.kind === 'integer') {
    if (!Number.isInteger(value) || value < spec.min) throw refuse()
    return value
  }
  const { min = -Infinity, max = Infinity, above = false } = spec
  if (value < min || value > max || (above && value === min)) throw refuse()
  return value
}

/** What a key may be: `an integer ≥ 1`, `"mean" or "sum"`. */
export function describe(spec: ConfigSpec): string {
  if (spec.kind === 'choice') return spec.choices.map((choice) => JSON.stringify(choice)).join(' or ')
  const lower =
    spec.min === undefined
      ? ''
      : spec.kind === 'number' && spec.above === true
        ? ` > ${spec.min}`
        : ` ≥ ${spec.min}`
  if (spec.kind === 'integer') return `an integer${lower}`
  return `a finite number${lower}${spec.max === undefined ? '' : `${lower === '' ? '' : ' and'} ≤ ${spec.max}`}`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
