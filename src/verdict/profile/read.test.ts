import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { profileNamed } from './read.ts'
import { portable } from './shipped.ts'

const folder = mkdtempSync(join(tmpdir(), 'profile-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a file from before results and softmax by logarithm had fields reads as it did', () => {
  const file = join(folder, 'old.json')
  const { logSumExpSoftmax: _, ...rewrites } = portable.rewrites
  const { results: __, ...formats } = portable.formats
  writeFileSync(file, JSON.stringify({ ...portable, rewrites, formats }))
  expect(profileNamed(file)).toEqual(portable)
})
