import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { QuestionError } from '../errors.ts'
import { reason } from '../files.ts'
import type { Digest } from './deit.ts'

export const FORMAT = 1
export const MANIFEST = 'manifest.json'

/** One golden case: a file and what it is there for. */
export interface GoldenEntry {
  readonly sha256: string
  readonly id: string
  readonly name: string
  readonly why: string
  /** Decimal digits at which the rounding of every value was certain. */
  readonly digits: number
}

/** One update: who remade what, why, when. */
export interface Update {
  /** ISO date. */
  readonly date: string
  readonly reason: string
  readonly added: number
  readonly changed: number
  readonly removed: number
}

/** `golden/manifest.json`: every golden, what made it, and how to make it again. */
export interface Manifest {
  readonly format: typeof FORMAT
  readonly generator: {
    readonly name: string
    readonly version: string
    /** Of the sources of the scalar transcriptions. */
    readonly sha256: string
  }
  readonly seed: number
  readonly remake: string
  /** Cases from the scalar transcriptions, by path in the folder. */
  readonly exact: Readonly<Record<string, GoldenEntry>>
  /** The float32 reference at DeiT-S size, by `ID NAME`. */
  readonly reference: Readonly<Record<string, Digest>>
  readonly updates: readonly Update[]
}

/**
 * Reads the manifest of a golden folder; undefined where there is none.
 * @throws QuestionError where it cannot be read or is of another format
 */
export function readManifest(folder: string): Manifest | undefined {
  const file = join(folder, MANIFEST)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new QuestionError({ file, expected: 'a manifest that can be read', found: reason(error) })
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw new QuestionError({ file, expected: 'JSON', found: reason(error) })
  }
  if (!isManifest(parsed)) {
    const found =
      typeof parsed === 'object' && parsed !== null && 'format' in parsed
        ? JSON.stringify(parsed.format)
        : 'none'
    throw new QuestionError({
      file,
      expected: `a golden manifest of format ${FORMAT}`,
      found: `format ${found}`,
    })
  }
  return parsed
}

/** Enough to work with: the parts this version reads are there. */
function isManifest(value: unknown): value is Manifest {
  return (
    typeof value === 'object' &&
    value !== null &&
    'format' in value &&
    value.format === FORMAT &&
    ['generator', 'exact', 'reference', 'updates'].every((key) => key in value)
  )
}
