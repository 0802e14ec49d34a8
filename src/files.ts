import { randomUUID } from 'node:crypto'
import {
  accessSync,
  constants,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { getSystemErrorMap } from 'node:util'
import { QuestionError } from './errors.ts'

const WRITABLE = 'a place that can be written'

/**
 * Writes `bytes` to `path` whole or not at all: under a temporary name in the same folder, then renamed over what is
 * there. A symbolic link to a file is followed and stays.
 * @throws QuestionError naming the file; then nothing was changed and no temporary is left
 */
export function writeWhole(path: string, bytes: Uint8Array): void {
  attempt(path, WRITABLE, () => {
    demandPlace(path)
    const existing = statSync(path, { throwIfNoEntry: false })
    // Renaming over a device such as /dev/stdout would remove it.
    if (existing) demandRegular(existing)
    const target = existing ? realpathSync(path) : path
    // A name of its own length: one derived from `path` could be too long.
    const temporary = join(dirname(target), `.touchstone-${randomUUID()}.tmp`)
    undisturbed(() => {
      try {
        writeFileSync(temporary, bytes, { flag: 'wx', flush: true })
        renameSync(temporary, target)
      } catch (error) {
        remove(temporary)
        throw error
      }
    })
  })
}

/** Signals that end a process, by default at once. */
const DEADLY = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs `work`, which must not wait for anything, to its end: a signal that came in the middle of it would leave the
 * temporary behind. Such a signal is lost, as nobody can be told of it before `work` is done.
 */
function undisturbed(work: () => void): void {
  const ignore = (): void => undefined
  for (const signal of DEADLY) process.on(signal, ignore)
  try {
    work()
  } finally {
    for (const signal of DEADLY) process.off(signal, ignore)
  }
}

/**
 * Checks that `path` can be written, before work is done for it.
 * @throws QuestionError naming the file
 */
export function demandWritable(path: string): void {
  attempt(path, WRITABLE, () => {
    demandPlace(path)
    const existing = statSync(path, { throwIfNoEntry: false })
    if (existing) {
      demandRegular(existing)
      accessSync(path, constants.W_OK)
    }
    accessSync(dirname(existing ? realpathSync(path) : path), constants.W_OK)
  })
}

/** What a process's own streams are called, where they have names. */
const STREAM = /^\/(dev\/(stdin|stdout|stderr|fd\/)|proc\/)/

/** Refuses what names no file, and a stream: `> log` makes it a file, which renaming would replace with all that was printed. */
function demandPlace(path: string): void {
  if (path === '') throw new QuestionError({ expected: WRITABLE, found: 'an empty name' })
  if (STREAM.test(path))
    throw new QuestionError({ expected: 'a regular file', found: 'a stream of this process' })
}

/** @throws QuestionError for a directory, pipe, device or socket */
export function demandRegular(stats: Stats): void {
  if (stats.isFile()) return
  throw new QuestionError({
    expected: 'a regular file',
    found: stats.isDirectory() ? 'a directory' : 'a pipe, device or socket',
  })
}

/** Runs `work`; a question that cannot be asked is then about `path`. */
export function inFile<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof QuestionError ? error.inFile(path) : error
  }
}

/** Runs what only the file system can fail. @throws QuestionError naming `path` where it does */
export function attempt<T>(path: string, expected: string, work: () => T): T {
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

function remove(temporary: string): void {
  try {
    rmSync(temporary, { force: true })
  } catch {
    // The failure that led here says more.
  }
}
