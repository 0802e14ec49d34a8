import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../version.ts'
import { sensitivityDocument } from './document.ts'
import { mutants } from './mutants/index.ts'
import { FIRST_REPORTED } from './questions.ts'
import { invisible } from './rates.ts'
import { catalogueDigest, type Results } from './results.ts'
import { readResults } from './store.ts'
import { suitesOf } from './summary.ts'

const path = join(packageRoot, 'docs', 'sensitivity.json')
const page = readFileSync(join(packageRoot, 'docs', 'sensitivity.md'), 'utf8')
const again = 'node dist/src/cli/main.js sensitivity --directions always --doc docs/sensitivity.md'

const header = JSON.parse(readFileSync(path, 'utf8')) as {
  readonly catalogue: string
  readonly judge: string
  readonly equations: Results['equations']
  readonly probes: Results['probes']
}

test('the stored results are of this catalogue, on reporting seeds', () => {
  expect(header.catalogue, `${again} measures anew`).toBe(catalogueDigest)
  for (const { from } of Object.values(header.equations)) expect(from).toBe(FIRST_REPORTED)
})

test('the page says what it was measured with', () => {
  expect(page).toContain(`Judge: ${header.judge}. Catalogue: ${header.catalogue}.`)
})

test('docs/sensitivity.md says what the stored results say', () => {
  const stored = readResults(path)
  if (stored === undefined) throw new TypeError(again)
  expect(page, `${again} --seeds 0 writes it anew`).toBe(sensitivityDocument(stored))
})

test('every gross bug shows on some question, with intermediates', () => {
  const gross = new Set(mutants.filter((mutant) => mutant.class === 'gross').map(({ id }) => id))
  for (const [id, results] of suitesOf({ equations: header.equations, probes: header.probes })) {
    const hidden = invisible(results, 'intermediates').filter((mutant) => gross.has(mutant))
    expect(hidden, id).toEqual([])
  }
})
