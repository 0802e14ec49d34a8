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
  const { logSumExpSoftmax: _, stepwise: ___, ...rewrites } = portable.rewrites
  const { results: __, ...formats } = portable.formats
  writeFileSync(file, JSON.stringify({ ...portable, rewrites, formats }))
  expect(profileNamed(file)).toEqual(portable)
})

test('a field nested deeper than can be written is refused as any other', () => {
  const file = join(folder, 'deep.json')
  const text = JSON.stringify({ ...portable, rounding: 'DEEP' })
  writeFileSync(file, text.replace('"DEEP"', `${'['.repeat(50_000)}${']'.repeat(50_000)}`))
  expect(() => profileNamed(file)).toThrow(`${file}: rounding: expected one of`)
})

test('a file of this folder needs neither a slash nor a dot in its name', () => {
  writeFileSync(join(folder, 'mine'), JSON.stringify({ ...portable, name: 'mine' }))
  const home = process.cwd()
  process.chdir(folder)
  try {
    expect(profileNamed('mine').name).toBe('mine')
  } finally {
    process.chdir(home)
  }
})

test.each([
  ['name', '{"name": "mine", "name": "other"', '{"name": "portable"'],
  ['ulp', '"ulp": 3, "ulp": 4, "ulpPerUnit"', '"ulp": 3, "ulpPerUnit"'],
  ['na\\u006de', '{"name"   : "mine", "na\\u006de": "other"', '{"name": "portable"'],
])('a file that gives %s twice is none', (key, twice, once) => {
  const file = join(folder, 'twice.json')
  const { schema, ...fields } = portable
  const text = JSON.stringify({ ...fields, schema }, null, 1)
    .replaceAll(/\s+/g, ' ')
    .replace('{ ', '{')
  expect(text).toContain(once)
  writeFileSync(file, text.replace(once, twice))
  const found = JSON.parse(`"${key}"`) as string
  expect(() => profileNamed(file)).toThrow(`${file}: profile: expected each key once, found "${found}" twice`)
})
