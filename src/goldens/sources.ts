import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../version.ts'
import { sha256 } from './hash.ts'

/** What golden values follow from; that the questions are still the recipes' is checked byte by byte. */
const SOURCES = ['reference/exact']

/**
 * A hash over the sources that make goldens; undefined where the package was installed without them.
 */
export function sourcesHash(): string | undefined {
  if (!existsSync(join(packageRoot, 'reference', 'exact', 'index.ts'))) return undefined
  const files = SOURCES.flatMap((source) => filesIn(source)).toSorted()
  return sha256(files.map((file) => `${file} ${sha256(readFileSync(join(packageRoot, file)))}\n`).join(''))
}

function filesIn(path: string): string[] {
  if (path.endsWith('.ts')) return [path]
  return readdirSync(join(packageRoot, path), { withFileTypes: true }).flatMap((entry) => {
    const inside = `${path}/${entry.name}`
    if (entry.isDirectory()) return filesIn(inside)
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') ? [inside] : []
  })
}
