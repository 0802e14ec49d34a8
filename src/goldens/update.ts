import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { writeWhole } from '../files.ts'
import { referenceDigests, type Digest } from './deit.ts'
import { GENERATOR, makeGolden } from './make.ts'
import { FORMAT, MANIFEST, type GoldenEntry, type Manifest } from './manifest.ts'
import { SEED } from './recipe.ts'
import { pathOf, recipes } from './recipes.ts'
import { sourcesHash } from './sources.ts'

/** What an update would do. */
export interface Plan {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly removed: readonly string[]
  /** Whether only the generator's hash is new: the values came out the same. */
  readonly onlyGenerator: boolean
  /** Writes it all, with the reason in the manifest. */
  write(reason: string, date: string): void
}

/**
 * Makes every golden anew, in memory, and compares with the manifest there is.
 * @param step called once a golden, with its name
 */
export function planUpdate(
  folder: string,
  previous: Manifest | undefined,
  step: (golden: string) => void,
): Plan {
  const files = new Map<string, Uint8Array>()
  const exact: Record<string, GoldenEntry> = {}
  for (const recipe of recipes) {
    const path = pathOf(recipe)
    step(path)
    const { bytes, entry } = makeGolden(recipe)
    files.set(path, bytes)
    exact[path] = entry
  }
  const reference: Record<string, Digest> = {}
  for (const [name, digest] of referenceDigests()) {
    step(name)
    reference[name] = digest
  }
  const now = hashes(exact, reference)
  const then = previous === undefined ? new Map<string, string>() : hashes(previous.exact, previous.reference)
  const added = [...now.keys()].filter((name) => !then.has(name))
  const removed = [...then.keys()].filter((name) => !now.has(name))
  const changed = [...now]
    .filter(([name, hash]) => then.has(name) && then.get(name) !== hash)
    .map(([name]) => name)
  const sources = sourcesHash() ?? ''
  const nothing = added.length + removed.length + changed.length === 0

  return {
    added,
    changed,
    removed,
    onlyGenerator: nothing && sources !== previous?.generator.sha256,
    write(reason, date) {
      const update = { date, reason, added: added.length, changed: changed.length, removed: removed.length }
      const manifest: Manifest = {
        format: FORMAT,
        generator: { ...GENERATOR, sha256: sources },
        seed: SEED,
        remake: 'npx touchstone golden update --reason "…"',
        exact,
        reference,
        updates: [...(previous?.updates ?? []), update],
      }
      for (const [path, bytes] of files) {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        writeWhole(join(folder, path), bytes)
      }
      for (const name of removed) if (name.startsWith('exact/')) rmSync(join(folder, name), { force: true })
      // last, so that a manifest never promises files that are not there
      writeWhole(join(folder, MANIFEST), new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`))
    },
  }
}

function hashes(
  exact: Readonly<Record<string, GoldenEntry>>,
  reference: Readonly<Record<string, Digest>>,
): Map<string, string> {
  return new Map([
    ...Object.entries(exact).map(([path, { sha256 }]) => [path, sha256] as const),
    ...Object.entries(reference).map(([name, { sha256 }]) => [`reference ${name}`, sha256] as const),
  ])
}
