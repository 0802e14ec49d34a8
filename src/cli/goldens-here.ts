import { join } from 'node:path'
import type { Equation } from '../catalogue/schema.ts'
import { readManifest } from '../goldens/manifest.ts'
import { verifyGoldens, type GoldenResult } from '../goldens/verify.ts'
import { packageRoot } from '../version.ts'

/** The goldens of a clone; an installed package has none. */
export function* goldensHere(equations: readonly Equation[]): Generator<GoldenResult> {
  const folder = join(packageRoot, 'golden')
  const manifest = readManifest(folder)
  if (manifest === undefined) return
  yield* verifyGoldens(folder, manifest, (id) => equations.some((equation) => equation.id === id))
}
