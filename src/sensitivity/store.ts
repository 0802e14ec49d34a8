import { existsSync, readFileSync } from 'node:fs'
import { equations as numbered } from '../catalogue/index.ts'
import { QuestionError } from '../errors.ts'
import { writeWhole } from '../files.ts'
import {
  catalogueDigest,
  DETECTORS,
  emptyResults,
  FORMAT,
  type EquationResult,
  type Results,
} from './results.ts'

/**
 * Stored results to go on from; undefined where there are none, or they are of another catalogue or judge, whose numbers must not be mixed
 * with these.
 * @throws QuestionError where the file is not what this command wrote
 */
export function readResults(path: string, judge?: string): Results | undefined {
  if (!existsSync(path)) return undefined
  const found: unknown = parse(path)
  if (!isResults(found) || found.format !== FORMAT) {
    const format = formatOf(found)
    throw new QuestionError({
      file: path,
      expected: `results as \`sensitivity\` writes them, format ${FORMAT}`,
      found: format === undefined ? 'something else' : `format ${format}`,
      ...(format === undefined ? {} : { hint: 'delete it to measure anew' }),
    })
  }
  if (found.catalogue !== catalogueDigest || (judge !== undefined && found.judge !== judge)) return undefined
  return found
}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

function isResults(value: unknown): value is Results {
  if (typeof value !== 'object' || value === null) return false
  return Object.keys(emptyResults('')).every((key) => key in value)
}

/** The format that it says it has, where it is what this command wrote at all; the first said none. */
function formatOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !('catalogue' in value && 'detectors' in value))
    return undefined
  return 'format' in value && typeof value.format === 'number' ? value.format : 1
}

/** Writes results, a line for every mutant of every equation, so that differences can be read. */
export function writeResults(path: string, results: Results): void {
  const block = (entries: readonly string[]): string =>
    entries.length === 0 ? '{}' : `{\n${entries.map((entry) => `  ${entry}`).join(',\n')}\n}`
  const line = (key: string, value: unknown): string => `${JSON.stringify(key)}: ${JSON.stringify(value)}`
  const lines = (of: Readonly<Record<string, unknown>>): string =>
    block(Object.entries(of).map(([key, value]) => line(key, value)))
  const long = (of: Readonly<Record<string, EquationResult>>): string =>
    block(
      Object.entries(of).map(([id, { mutants, ...rest }]) => {
        const short = Object.entries(rest).map(([key, value]) => line(key, value))
        return `${JSON.stringify(id)}: ${block([...short, `"mutants": ${lines(mutants)}`])}`
      }),
    )
  const { format, catalogue, judge, seconds, equations, honest, probes, atSize, sweeps } = results
  const text = block([
    line('format', format),
    line('catalogue', catalogue),
    line('judge', judge),
    line('seconds', Math.round(seconds)),
    line('detectors', DETECTORS),
    `"equations": ${long(equations)}`,
    `"honest": ${long(honest)}`,
    `"probes": ${long(probes)}`,
    `"atSize": ${lines(atSize)}`,
    `"sweeps": ${lines(sweeps)}`,
  ])
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
  for (const part of parts) {
    for (const { path, found } of all) {
      const twice = Object.keys(found[part]).find((id) => id in merged[part])
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
