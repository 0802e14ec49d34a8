import { existsSync, readFileSync } from 'node:fs'
import { equations as numbered } from '../catalogue/index.ts'
import { QuestionError } from '../errors.ts'
import { writeWhole } from '../files.ts'
import { issueOf } from '../issue.ts'
import { catalogueDigest, emptyResults, FORMAT, type Results } from './results.ts'
import { storedSchema, toStore } from './stored.ts'

/**
 * Stored results to go on from; undefined where there are none, or they are of another catalogue or judge, whose numbers must not be mixed
 * with these.
 * @throws QuestionError where the file is not what this command wrote
 */
export function readResults(path: string, judge?: string): Results | undefined {
  if (!existsSync(path)) return undefined
  const found = parse(path)
  const format = formatOf(found)
  if (format !== FORMAT) {
    throw new QuestionError({
      file: path,
      expected: `results as \`sensitivity\` writes them, format ${FORMAT}`,
      found: format === undefined ? 'something else' : `format ${format}`,
      ...(format === undefined ? {} : { hint: 'delete it to measure anew' }),
    })
  }
  const { catalogue, judge: by } = found
  if (catalogue !== catalogueDigest || (judge !== undefined && by !== judge)) return undefined
  const { success, data, error } = storedSchema.safeParse(found)
  if (success) return data
  throw new QuestionError({
    file: path,
    ...issueOf(error, 'what `sensitivity` writes there'),
    hint: 'delete it to measure anew',
  })
}

type Found = Readonly<Record<string, unknown>>

/**
 * The object in the file; an empty one where there is none.
 * @throws QuestionError for a member named `__proto__`, which copies would take for no member
 */
function parse(path: string): Found {
  let strange = false
  const look = (key: string, value: unknown): unknown => {
    strange ||= key === '__proto__'
    return value
  }
  try {
    const found: unknown = JSON.parse(readFileSync(path, 'utf8'), look)
    if (isObject(found) && !strange) return found
  } catch {
    return {}
  }
  if (strange) {
    throw new QuestionError({ file: path, tensor: '__proto__', expected: 'no such name', found: 'one' })
  }
  return {}
}

function isObject(value: unknown): value is Found {
  return typeof value === 'object' && value !== null
}

/** The format that it says it has, where it is what this command wrote at all; the first said none. */
function formatOf(found: Found): number | undefined {
  if (!Object.hasOwn(found, 'catalogue') || !Object.hasOwn(found, 'detectors')) return undefined
  const { format = 1 } = found
  return typeof format === 'number' ? format : undefined
}

/** Writes results, a line for every mutant of every equation, so that differences can be read. */
export function writeResults(path: string, results: Results): void {
  const flat = (value: unknown): string => JSON.stringify(value)
  const members = (of: unknown, text: (value: unknown, key: string) => string = flat): string => {
    const entries: [string, unknown][] = isObject(of) ? Object.entries(of) : []
    if (entries.length === 0) return '{}'
    return `{\n${entries.map(([key, value]) => `  ${flat(key)}: ${text(value, key)}`).join(',\n')}\n}`
  }
  const lines = (of: unknown): string => members(of)
  const equations = (of: unknown): string =>
    members(of, (one) => members(one, (value, key) => (key === 'mutants' ? lines(value) : flat(value))))
  const layout: Readonly<Record<string, (value: unknown) => string>> = {
    equations,
    honest: equations,
    probes: equations,
    atSize: lines,
    sweeps: lines,
  }
  const text = members(toStore(results), (value, key) => (layout[key] ?? flat)(value))
  writeWhole(path, new TextEncoder().encode(`${text}\n`))
}

/**
 * Results of runs over different equations as those of one.
 * @throws QuestionError where a file is not there, is of another catalogue or judge, or has an equation that another one has
 */
export function mergeResults(paths: readonly string[], judge: string): Results {
  const merged = emptyResults(judge)
  const parts = ['equations', 'honest', 'probes', 'atSize', 'sweeps'] as const
  const all = paths.map((path) => {
    const found = readResults(path, judge)
    if (found !== undefined) return { path, found }
    throw new QuestionError({
      file: path,
      expected: `results of this catalogue, ${catalogueDigest}, and judge, ${judge}`,
      found: existsSync(path) ? 'those of others' : 'no such file',
    })
  })
  const known = new Set(numbered.map(({ id }) => id))
  for (const part of parts) {
    for (const { path, found } of all) {
      const ids = Object.keys(found[part])
      const stray = ids.find((id) => !known.has(id))
      if (stray !== undefined) {
        const expected = 'one of the eighteen equations'
        throw new QuestionError({ file: path, tensor: part, expected, found: `"${stray}"` })
      }
      const twice = ids.find((id) => Object.hasOwn(merged[part], id))
      if (twice !== undefined) {
        throw new QuestionError({ file: path, expected: 'equations that no other file has', found: twice })
      }
      Object.assign(merged[part], found[part])
    }
  }
  const inOrder = <T>(of: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(numbered.flatMap(({ id }) => (id in of ? [[id, of[id]]] : [])))
  return {
    ...merged,
    seconds: all.reduce((sum, { found }) => sum + found.seconds, 0),
    equations: inOrder(merged.equations),
    honest: inOrder(merged.honest),
    probes: inOrder(merged.probes),
    atSize: inOrder(merged.atSize),
    sweeps: inOrder(merged.sweeps),
  }
}
