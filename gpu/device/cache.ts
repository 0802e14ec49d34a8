import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'

/**
 * Where unpacked files are kept: TOUCHSTONE_CACHE, else the user's cache folder. An absolute path, since the loader looks for what is
 * named in an ICD from elsewhere; folders of the user that are none are passed over, as the XDG specification has it.
 */
function cacheFolder(): string {
  const { TOUCHSTONE_CACHE, XDG_CACHE_HOME = '' } = process.env
  if (TOUCHSTONE_CACHE) return resolve(TOUCHSTONE_CACHE)
  const folder = [XDG_CACHE_HOME, join(homedir(), '.cache')].find(isAbsolute)
  return join(folder ?? join(userInfo().homedir, '.cache'), 'touchstone')
}

/** Folders of this process, by where they should have been. */
const temporaries = new Map<string, string>()

/**
 * The folder `name` of the cache, made by `fill` when it is first wanted: filled under a temporary name and renamed, so
 * that it is whole or not there. Where the cache cannot be written, a private temporary folder that goes with the
 * process. `name` must follow from the content.
 */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = cacheFolder()
  const target = join(folder, name)
  if (isFolder(target)) return target
  const kept = temporaries.get(target)
  if (kept !== undefined && isFolder(kept)) return kept
  const draft = draftIn(folder, name)
  if (draft === undefined) {
    const temporary = mkdtempSync(join(tmpdir(), 'touchstone-'))
    process.once('exit', () => rmSync(temporary, { recursive: true, force: true }))
    await fill(temporary)
    temporaries.set(target, temporary)
    return temporary
  }
  try {
    await fill(draft)
    renameSync(draft, target)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    // another process was faster
    if (!isFolder(target)) throw error
  }
  return target
}

function draftIn(folder: string, name: string): string | undefined {
  try {
    makeFolder(folder)
    return mkdtempSync(join(folder, `.${name}-`))
  } catch {
    return undefined
  }
}

/** mkdir with `recursive` never returns where a file system has no room for folders, such as /proc. */
function makeFolder(path: string): void {
  if (isFolder(path)) return
  makeFolder(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    if (!isFolder(path)) throw error
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
