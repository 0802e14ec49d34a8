import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { packageRoot } from '../../version.ts'
import { mutants } from '../mutants/index.ts'
import { FIRST_REPORTED } from '../questions.ts'
import { invisible } from '../rates.ts'
import { catalogueDigest, type Results } from '../results.ts'
import { readResults, writeResults } from '../store.ts'
import { suitesOf } from '../totals.ts'
import { sensitivityDocument } from './index.ts'

const path = join(packageRoot, 'docs', 'sensitivity.json')
const page = readFileSync(join(packageRoot, 'docs', 'sensitivity.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'touchstone-document-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const measure = 'node dist/src/cli/main.js sensitivity --directions always --doc docs/sensitivity.md'

function results(): Results {
  const stored = readResults(path)
  if (stored !== undefined) return stored
  throw new TypeError(
    `docs/sensitivity.json is of another catalogue than ${catalogueDigest}: ${measure} measures anew`,
  )
}

test('the stored results are of this catalogue, on reporting seeds', () => {
  for (const { from } of Object.values(results().equations)) expect(from).toBe(FIRST_REPORTED)
})

test('what was stored is read as it was', () => {
  const again = join(folder, 'again.json')
  writeResults(again, results())
  expect(readFileSync(again, 'utf8')).toBe(readFileSync(path, 'utf8'))
})

test('docs/sensitivity.md says what the stored results say', () => {
  expect(page, `${measure} --seeds 0 writes it anew`).toBe(sensitivityDocument(results()))
})

test('every gross bug shows on some question, with intermediates', () => {
  const gross = new Set(mutants.filter((mutant) => mutant.class === 'gross').map(({ id }) => id))
  for (const [id, found] of suitesOf(results())) {
    const hidden = invisible(found, 'intermediates').filter((mutant) => gross.has(mutant))
    expect(hidden, id).toEqual([])
  }
})
