import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of package.json: two up from `dist/src`, one from `src`. */
export const packageRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)))

/** The package's version. */
export const version: string = readPackage(packageRoot)?.version ?? 'unknown'

function findRoot(from: string): string {
  const above = dirname(from)
  return readPackage(from)?.name === 'vit-touchstone' || above === from ? from : findRoot(above)
}

function readPackage(folder: string): { name: string; version: string } | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    if (typeof parsed !== 'object' || parsed === null || !('name' in parsed && 'version' in parsed))
      return undefined
    const { name, version: own } = parsed
    return typeof name === 'string' && typeof own === 'string' ? { name, version: own } : undefined
  } catch {
    return undefined
  }
}
