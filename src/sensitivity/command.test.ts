import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { run } from '../cli/program.ts'
import { mutantsOf } from './mutants/index.ts'
import { variants } from './legal/variants.ts'
import { readResults } from './store.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-sensitivity-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function touchstone(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', '']
  const streams = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true)),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true)),
  ]
  try {
    return { code: await run(['sensitivity', ...args]), out, err }
  } finally {
    for (const stream of streams) stream.mockRestore()
  }
}

test('one equation: a table for it, and the other comparisons', async () => {
  const { code, out, err } = await touchstone('--equation', 'sparsifiner/eq12', '--short')
  expect(err).toBe('')
  expect(code).toBe(0)
  expect(out).toContain(`sparsifiner/eq12  ${3 * variants.length} `)
  for (const name of ['Touchstone', 'assert_close', 'TOSA', 'twice-plain']) expect(out).toContain(name)
})

test('a run goes on where the stored results end, and gives what one run would', async () => {
  const [parts, whole] = [join(folder, 'parts.md'), join(folder, 'whole.md')]
  const equation = ['--equation', 'sparsifiner/eq11']
  await touchstone(...equation, '--seeds', '1', '--doc', parts)
  const first = readResults(join(folder, 'parts.json'))
  expect(first?.equations['sparsifiner/eq11']?.count).toBe(1)
  await touchstone(...equation, '--seeds', '3', '--doc', parts)
  await touchstone(...equation, '--seeds', '3', '--doc', whole)
  const stored = ['parts.json', 'whole.json'].map((name) => readResults(join(folder, name)))
  expect(stored[0]?.equations).toEqual(stored[1]?.equations)
  expect(stored[0]?.sweeps).toEqual(stored[1]?.sweeps)
  expect(readFileSync(parts, 'utf8')).toBe(readFileSync(whole, 'utf8'))
  const found = Object.keys(stored[0]?.equations['sparsifiner/eq11']?.mutants ?? {})
  expect(found).toEqual(mutantsOf('sparsifiner/eq11').map(({ id }) => id))
})

test('results of another catalogue are not gone on from', () => {
  const path = join(folder, 'other.json')
  const { equations, ...rest } = JSON.parse(readFileSync(join(folder, 'whole.json'), 'utf8')) as Record<
    string,
    unknown
  >
  writeFileSync(path, JSON.stringify({ ...rest, equations, catalogue: 'another' }))
  expect(readResults(path)).toBeUndefined()
})

test.each([
  [['--equation', 'stvit/eq7'], 'stvit/eq7'],
  [['--equation', 'stvit/stgm'], 'one of the eighteen equations'],
  [['--doc', 'page.txt'], 'a file that ends in .md'],
  [['--seeds', '-1'], 'expected an integer ≥ 0'],
])('refuses %j', async (args, message) => {
  const { code, out, err } = await touchstone(...args)
  expect(code).toBe(2)
  expect(out).toBe('')
  expect(err).toContain(message)
  expect(err.trim().split('\n')).toHaveLength(1)
})

test('refuses a stored file that is something else', async () => {
  writeFileSync(join(folder, 'alien.json'), '{"a": 1}')
  const { code, err } = await touchstone('--short', '--doc', join(folder, 'alien.md'))
  expect(code).toBe(2)
  expect(err).toContain('results as `sensitivity` writes them')
})
