import { writeWhole } from '../files.ts'
import { terminal } from './terminal.ts'

/**
 * Writes `value` as JSON to `path`, whole or not at all; `-` is standard output.
 * @throws QuestionError where the path cannot be written
 */
export function writeJson(path: string, value: unknown): void {
  const text = JSON.stringify(value, null, 2)
  if (path === '-') terminal.out(text)
  else writeWhole(path, new TextEncoder().encode(`${text}\n`))
}
