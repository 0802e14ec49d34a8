import { existsSync, readFileSync } from 'node:fs'
import { QuestionError } from '../errors.ts'
import { writeWhole } from '../files.ts'
import { catalogueDigest, DETECTORS, type Results } from './results.ts'

/**
 * Stored results to go on from; undefined where there are none, or they are of another catalogue or judge, whose numbers must not be mixed
 * with these.
 * @throws QuestionError where the file is not what this command wrote
 */
export function readResults(path: string, judge?: string): Results | undefined {
  if (!existsSync(path)) return undefined
  const found: unknown = parse(path)
  if (!isResults(found)) {
    throw new QuestionError({
      file: path,
      expected: 'results as `sensitivity` writes them',
      found: 'something else',
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
  const keys = ['catalogue', 'judge', 'seconds', 'equations', 'atSize', 'sweeps', 'detectors']
  return keys.every((key) => key in value)
}

/** Writes results, a line for every mutant of every equation, so that differences can be read. */
export function writeResults(path: string, results: Results): void {
  const { catalogue, judge, seconds, equations, atSize, sweeps } = results
  const block = (entries: readonly string[]): string =>
    entries.length === 0 ? '{}' : `{\n${entries.map((entry) => `  ${entry}`).join(',\n')}\n}`
  const line = (key: string, value: unknown): string => `${JSON.stringify(key)}: ${JSON.stringify(value)}`
  const ofEquations = Object.entries(equations).map(([id, { mutants, ...rest }]) => {
    const lines = [
      ...Object.entries(rest).map(([key, value]) => line(key, value)),
      `"mutants": ${block(Object.entries(mutants).map(([mutant, result]) => line(mutant, result)))}`,
    ]
    return `${JSON.stringify(id)}: ${block(lines)}`
  })
  const text = block([
    line('catalogue', catalogue),
    line('judge', judge),
    line('seconds', Math.round(seconds)),
    line('detectors', DETECTORS),
    `"equations": ${block(ofEquations)}`,
    `"atSize": ${block(Object.entries(atSize).map(([id, found]) => line(id, found)))}`,
    `"sweeps": ${block(Object.entries(sweeps).map(([id, found]) => line(id, found)))}`,
  ])
  writeWhole(path, new TextEncoder().encode(`${text}\n`))
}
