import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../version.ts'
import { sensitivityDocument } from './document.ts'
import { mutants } from './mutants/index.ts'
import { FIRST_REPORTED } from './questions.ts'
import { invisible } from './rates.ts'
import { readResults } from './store.ts'

const stored = readResults(join(packageRoot, 'docs', 'sensitivity.json'))
const again = 'node dist/src/cli/main.js sensitivity --directions always --doc docs/sensitivity.md'

test('the stored results are of this catalogue, on reporting seeds', () => {
  expect(stored, `${again} measures anew`).toBeDefined()
  for (const { from } of Object.values(stored?.equations ?? {})) expect(from).toBe(FIRST_REPORTED)
})

test('docs/sensitivity.md says what the stored results say', () => {
  if (stored === undefined) throw new TypeError(again)
  const page = readFileSync(join(packageRoot, 'docs', 'sensitivity.md'), 'utf8')
  expect(page, `${again} --seeds 0 writes it anew`).toBe(sensitivityDocument(stored))
})

test('every gross bug shows on some question, with intermediates', () => {
  const gross = new Set(mutants.filter((mutant) => mutant.class === 'gross').map(({ id }) => id))
  for (const [id, result] of Object.entries(stored?.equations ?? {})) {
    const hidden = invisible(result, 'intermediates').filter((mutant) => gross.has(mutant))
    expect(hidden, id).toEqual([])
  }
})
