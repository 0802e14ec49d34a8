import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { jsonOf } from '../cases/json-keys.ts'
import { clip } from '../cases/raw-tensor.ts'
import { QuestionError } from '../errors.ts'
import { reason } from '../files.ts'
import { issueOf } from '../issue.ts'
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
  const format = z.object({ format: z.unknown() }).safeParse(parsed).data?.format
  if (format !== FORMAT) {
    throw new QuestionError({
      file,
      expected: `a golden manifest of format ${FORMAT}`,
      found: `format ${format === undefined ? 'none' : clip(jsonOf(format))}`,
    })
  }
  const { success, data, error } = schema.safeParse(parsed)
  if (success) return data
  throw new QuestionError({ file, ...issueOf(error, 'what `golden update` writes there') })
}

const count = z.int().min(0)
const schema: z.ZodType<Manifest> = z.object({
  format: z.literal(FORMAT),
  generator: z.object({ name: z.string(), version: z.string(), sha256: z.string() }),
  seed: z.int(),
  remake: z.string(),
  exact: z.record(
    z.string(),
    z.object({ sha256: z.string(), id: z.string(), name: z.string(), why: z.string(), digits: count }),
  ),
  reference: z.record(
    z.string(),
    z.object({ shape: z.array(count), sha256: z.string(), values: z.record(z.string(), z.string()) }),
  ),
  updates: z.array(
    z.object({ date: z.string(), reason: z.string(), added: count, changed: count, removed: count }),
  ),
})
