import { randomUUID } from 'node:crypto'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { reason } from '../cases/tensor-files.ts'
import { QuestionError } from '../errors.ts'
import { terminal } from './terminal.ts'

/**
 * Writes `value` as JSON to `path`, through a temporary name; `-` is standard output.
 * @throws QuestionError where the path cannot be written
 */
export function writeJson(path: string, value: unknown): void {
  const text = JSON.stringify(value, null, 2)
  if (path === '-') {
    terminal.out(text)
    return
  }
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    writeFileSync(temporary, `${text}\n`)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    const expected = 'a place that can be written'
    throw new QuestionError({ file: path, expected, found: reason(error) }, { cause: error })
  }
}
