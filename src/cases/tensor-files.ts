import { randomUUID } from 'node:crypto'
import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'
import { getSystemErrorMap } from 'node:util'
import { QuestionError } from '../errors.ts'
import type { TensorFile } from './raw-tensor.ts'
import { decode, encode, MAX_FILE_BYTES } from './safetensors.ts'

/**
 * Reads and {@link decode}s the file at `path`, in one piece.
 * @throws QuestionError naming the file: missing, unreadable, not a regular file, over 2 GiB, or not what decode takes
 */
export function readTensorFile(path: string): TensorFile {
  const bytes = attempt(path, 'a file that can be read', () => {
    const stats = statSync(path)
    // Opening a pipe would wait for a writer that may never come.
    demandRegular(stats)
    if (stats.size > MAX_FILE_BYTES) {
      throw new QuestionError({ expected: `at most ${MAX_FILE_BYTES} bytes (2 GiB)`, found: `${stats.size}` })
    }
    return readFileSync(path)
  })
  return inFile(path, () => decode(bytes))
}

/**
 * {@link encode}s `file` and writes it to `path` whole or not at all: under a temporary name in the same folder, then
 * renamed over what is there. A symbolic link is followed and stays.
 * @throws QuestionError naming the file; then nothing was changed and no temporary is left
 */
export function writeTensorFile(path: string, file: TensorFile): void {
  const bytes = inFile(path, () => encode(file))
  attempt(path, 'a place that can be written', () => {
    const existing = statSync(path, { throwIfNoEntry: false })
    // Renaming over a device such as /dev/stdout would remove it.
    if (existing) demandRegular(existing)
    const target = existing ? realpathSync(path) : path
    // A name of its own length: one derived from `path` could be too long.
    const temporary = join(dirname(target), `.touchstone-${randomUUID()}.tmp`)
    try {
      writeFileSync(temporary, bytes, { flag: 'wx', flush: true })
      renameSync(temporary, target)
    } catch (error) {
      remove(temporary)
      throw error
    }
  })
}

function demandRegular(stats: Stats): void {
  if (stats.isFile()) return
  throw new QuestionError({
    expected: 'a regular file',
    found: stats.isDirectory() ? 'a directory' : 'a pipe, device or socket',
  })
}

function remove(temporary: string): void {
  try {
    rmSync(temporary, { force: true })
  } catch {
    // The failure that led here says more.
  }
}

function inFile<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof QuestionError ? error.inFile(path) : error
  }
}

/** Runs what only the file system can fail. */
function attempt<T>(path: string, expected: string, work: () => T): T {
  try {
    return inFile(path, work)
  } catch (cause) {
    if (cause instanceof QuestionError) throw cause
    throw new QuestionError({ file: path, expected, found: reason(cause) }, { cause })
  }
}

/** What the system says went wrong, in words, without the paths it went wrong at. */
export function reason(error: unknown): string {
  const errno = error instanceof Error && 'errno' in error ? Number(error.errno) : undefined
  const [code, message] = (errno !== undefined && getSystemErrorMap().get(errno)) || []
  return code ? `${message} (${code})` : String(error instanceof Error ? error.message : error)
}
