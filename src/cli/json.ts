import { randomUUID } from 'node:crypto'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
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
    const found = error instanceof Error ? error.message : String(error)
    throw new QuestionError({ file: path, expected: 'a path that can be written', found }, { cause: error })
  }
}
