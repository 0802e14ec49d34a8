import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../version.ts'
import { lawsDocument } from './document.ts'

/** TOUCHSTONE_UPDATE=1 writes the page instead of comparing. */
test('docs/laws.md lists the laws', () => {
  const path = join(packageRoot, 'docs', 'laws.md')
  if (process.env['TOUCHSTONE_UPDATE'] === '1') writeFileSync(path, lawsDocument())
  expect(readFileSync(path, 'utf8'), 'TOUCHSTONE_UPDATE=1 npx vitest run src/laws writes it anew').toBe(
    lawsDocument(),
  )
})
