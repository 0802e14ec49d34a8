import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Value } from '../../reference/evaluator.ts'
import { readOutput } from '../verdict/outputs.ts'
import type { Question } from '../cases/question.ts'
import { readCase } from '../cases/read-case.ts'
import { decode } from '../cases/safetensors.ts'
import { QuestionError } from '../errors.ts'
import { isUnfit, sharesOf, type Shares } from '../certification/shares.ts'
import { distanceFrom, isTooFar } from './compare.ts'
import { referenceDigests, type Digest } from './deit.ts'
import { sha256 } from './hash.ts'
import { MANIFEST, type GoldenEntry, type Manifest } from './manifest.ts'
import { pathOf, recipes } from './recipes.ts'
import { encodeQuestion, questionBytes } from './question-of.ts'
import { sourcesHash } from './sources.ts'

/** What is said of one golden. */
export interface GoldenResult {
  /** Its path in the folder, or `reference ID NAME`. */
  readonly golden: string
  readonly verdict: 'pass' | 'fail'
  /** Which check broke: the file, where it came from, or an arithmetic's distance. */
  readonly reason?: string
  /** Distance of float32 in deviations, of exact goldens. */
  readonly float32?: number
  readonly float64?: number
  /** The oracle's own errors as shares of the bound that others are judged by, of exact goldens. */
  readonly shares?: Shares
}

/**
 * Holds the golden folder against its manifest, the recipes, the sources that made it, and both arithmetics against its
 * values. Yields one result a golden; the manifest's own trouble comes first, under its name.
 * @param wanted says of an equation's id whether its goldens are asked for
 */
export function* verifyGoldens(
  folder: string,
  manifest: Manifest,
  wanted: (id: string) => boolean = () => true,
): Generator<GoldenResult> {
  const sources = sourcesHash()
  if (sources !== undefined && sources !== manifest.generator.sha256) {
    const reason = `stale: made by other scalar transcriptions than those here; ${remedy(manifest)}`
    yield { golden: MANIFEST, verdict: 'fail', reason }
  }
  const byPath = new Map(recipes.map((recipe) => [pathOf(recipe), recipe]))
  for (const path of byPath.keys()) {
    if (manifest.exact[path] === undefined) {
      yield { golden: path, verdict: 'fail', reason: `missing from the manifest; ${remedy(manifest)}` }
    }
  }
  for (const path of unlisted(folder, manifest)) {
    yield {
      golden: path,
      verdict: 'fail',
      reason: `not in the manifest; ${remedy(manifest)}, or remove the file`,
    }
  }
  for (const [path, entry] of Object.entries(manifest.exact)) {
    if (!wanted(entry.id)) continue
    const recipe = byPath.get(path)
    if (recipe === undefined) {
      yield { golden: path, verdict: 'fail', reason: `no recipe makes it any more; ${remedy(manifest)}` }
    } else {
      yield verifyExact(folder, path, entry, questionBytes(recipe), manifest)
    }
  }
  const expected = new Map(Object.entries(manifest.reference).filter(([name]) => wanted(name.split(' ')[0])))
  for (const [name, digest] of referenceDigests(wanted)) {
    yield verifyDigest(name, digest, expected.get(name), manifest)
    expected.delete(name)
  }
  for (const name of expected.keys()) {
    yield {
      golden: `reference ${name}`,
      verdict: 'fail',
      reason: `nothing computes it any more; ${remedy(manifest)}`,
    }
  }
}

function remedy({ remake }: Manifest): string {
  return `if that is meant: ${remake}`
}

function unlisted(folder: string, manifest: Manifest): string[] {
  const root = join(folder, 'exact')
  if (!existsSync(root)) return []
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => `exact/${name.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.safetensors') && manifest.exact[path] === undefined)
}

function verifyExact(
  folder: string,
  golden: string,
  entry: GoldenEntry,
  asked: Uint8Array,
  manifest: Manifest,
): GoldenResult {
  const fail = (reason: string): GoldenResult => ({ golden, verdict: 'fail', reason })
  const path = join(folder, golden)
  if (!existsSync(path)) return fail(`the file is gone; ${remedy(manifest)}`)
  const bytes = readFileSync(path)
  const found = sha256(bytes)
  if (found !== entry.sha256) {
    return fail(`edited: sha256 ${found.slice(0, 12)}…, the manifest has ${entry.sha256.slice(0, 12)}…`)
  }
  try {
    const { question, outputs, metadata } = readCase(decode(bytes))
    if (sha256(encodeQuestion(question, metadata)) !== sha256(asked)) {
      return fail(`stale: its recipe asks another question now; ${remedy(manifest)}`)
    }
    const exact = new Map<string, Value>()
    for (const [name, raw] of outputs) {
      const output = readOutput(question, name, raw)
      if (!('value' in output)) return fail(`${name} cannot be read`)
      exact.set(name, output.value)
    }
    return verifyArithmetics(golden, question, exact)
  } catch (error) {
    if (error instanceof QuestionError) return fail(error.message)
    throw error
  }
}

function verifyArithmetics(
  golden: string,
  question: Question,
  exact: ReadonlyMap<string, Value>,
): GoldenResult {
  const [single, double] = [
    distanceFrom(question, exact, 'float32'),
    distanceFrom(question, exact, 'float64'),
  ]
  const distances = { float32: single.deviations, float64: double.deviations }
  // float64 first: it is the sharper of the two
  for (const [name, distance] of [
    ['float64', double],
    ['float32', single],
  ] as const) {
    if (!isTooFar(distance)) continue
    const by = Number.isFinite(distance.deviations)
      ? `${distance.deviations.toPrecision(3)} deviations`
      : 'beyond rounding'
    return { golden, verdict: 'fail', reason: `${name} is ${by} off: ${distance.where}`, ...distances }
  }
  const shares = sharesOf(question, exact)
  if (isUnfit(shares)) {
    const reason = `too far off to judge others: float64 ${shares.float64.toPrecision(3)} and float32 ${shares.float32.toPrecision(3)} of their bound, ${shares.where}`
    return { golden, verdict: 'fail', reason, ...distances, shares }
  }
  return { golden, verdict: 'pass', ...distances, shares }
}

function verifyDigest(name: string, now: Digest, then: Digest | undefined, manifest: Manifest): GoldenResult {
  const golden = `reference ${name}`
  if (then === undefined)
    return { golden, verdict: 'fail', reason: `missing from the manifest; ${remedy(manifest)}` }
  if (then.sha256 === now.sha256) return { golden, verdict: 'pass' }
  const moved = Object.entries(then.values).filter(([at, value]) => now.values[at] !== value)
  const [first] = moved
  const samples = Object.keys(then.values).length
  const detail =
    first === undefined
      ? `none of the ${samples} values kept`
      : `${moved.length} of the ${samples} values kept, first at ${first[0]}: ${first[1]} became ${now.values[first[0]] ?? 'nothing'}`
  return { golden, verdict: 'fail', reason: `the reference's bits changed: ${detail}; ${remedy(manifest)}` }
}
