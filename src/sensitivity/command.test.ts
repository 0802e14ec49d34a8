import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { findEquation } from '../cases/names.ts'
import { probesFor } from '../catalogue/probes/index.ts'
import { run } from '../cli/program.ts'
import { mutantsOf } from './mutants/index.ts'
import { undisputed, variants } from './legal/variants.ts'
import { falseAlarms } from './rates.ts'
import { catalogueDigest, emptyResults, type Results } from './results.ts'
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
  expect(out).toContain(`sparsifiner/eq12  ${3 * undisputed.length} `)
  for (const name of ['Touchstone', 'assert_close', 'TOSA', 'twice-plain']) expect(out).toContain(name)
})

const equation = ['--tuning', '--equation', 'sparsifiner/eq11']
const storedIn = (name: string): Results | undefined => readResults(join(folder, `${name}.json`))

test('a run goes on where the stored results end, and gives what one run would', async () => {
  const [parts, whole] = [join(folder, 'parts.md'), join(folder, 'whole.md')]
  await touchstone(...equation, '--seeds', '1', '--probe-seeds', '0', '--doc', parts)
  expect(storedIn('parts')?.equations['sparsifiner/eq11']?.count).toBe(1)
  // these honest runs are on a seed that everybody is asked afterwards
  await touchstone(...equation, '--seeds', '1', '--honest', '1', '--doc', parts)
  await touchstone(...equation, '--seeds', '3', '--honest', '1', '--doc', parts)
  await touchstone(...equation, '--seeds', '3', '--honest', '2', '--probe-seeds', '2', '--doc', parts)
  await touchstone(...equation, '--seeds', '3', '--honest', '2', '--probe-seeds', '2', '--doc', whole)
  const [one, other] = [storedIn('parts'), storedIn('whole')]
  expect({ ...one, seconds: 0 }).toEqual({ ...other, seconds: 0 })
  expect(readFileSync(parts, 'utf8')).toBe(readFileSync(whole, 'utf8'))
  const found = Object.keys(one?.equations['sparsifiner/eq11']?.mutants ?? {})
  expect(found).toEqual(mutantsOf('sparsifiner/eq11').map(({ id }) => id))
})

test('honest runtimes alone are asked the seeds after the others, and counted with them', () => {
  const { equations, honest, probes } = storedIn('whole') ?? emptyResults('')
  const [drawn, alone, probed] = [equations, honest, probes].map((part) => part['sparsifiner/eq11'])
  expect([drawn.from + drawn.count, alone.from, alone.count]).toEqual([alone.from, 3, 2])
  expect([Object.keys(alone.mutants), Object.keys(alone.variants).length]).toEqual([[], variants.length])
  const runs = falseAlarms([drawn, alone], 'outputs').of
  expect(runs).toBe(falseAlarms([drawn], 'outputs').of + falseAlarms([alone], 'outputs').of)
  expect(Object.keys(probed.legal)).toEqual(
    probesFor(findEquation('sparsifiner/eq11')).map(({ name }) => name),
  )
  expect(probed.count).toBe(2 * Object.keys(probed.legal).length)
})

test('the page tells probes, nearness and what is disputed', () => {
  const page = readFileSync(join(folder, 'whole.md'), 'utf8')
  expect(page).toContain('Seeds 0 to 2; honest runtimes alone to 4;')
  expect(page).toMatch(/## On the probes\n[^#]*\| integers \| 2 \| \d+ \| 0 \+ 0 \|/)
  expect(page).toMatch(
    /## How near honest runs come\n[^#]*\| largest abs\(z\) \| [^|]+\| 8 \| \d+ % \| sparsifiner\/eq11 /,
  )
  expect(page).toMatch(/## Legal by the letter, and called wrong\n[^#]*\| simulated-erf-limits \| 7 \| 0 \|/)
})

test('runs over different equations merge into what one run gives', async () => {
  const short = ['--tuning', '--seeds', '1', '--probe-seeds', '1']
  const [one, two, both] = ['sparsifiner/eq11', 'sparsifiner/eq12', 'both'].map((name) =>
    join(folder, `${name.replace('/', '-')}.md`),
  )
  await touchstone('--equation', 'sparsifiner/eq12', ...short, '--doc', two)
  await touchstone('--equation', 'sparsifiner/eq11', ...short, '--doc', one)
  await touchstone('--equation', 'sparsifiner/eq11', 'sparsifiner/eq12', ...short, '--doc', both)
  const files = [two, one].map((path) => path.replace(/\.md$/, '.json'))
  const merged = join(folder, 'merged.md')
  const { err } = await touchstone(
    '--tuning',
    '--equation',
    'sparsifiner/eq11',
    '--seeds',
    '0',
    '--merge',
    ...files,
    '--doc',
    merged,
  )
  expect(err).toBe('')
  expect(readFileSync(merged, 'utf8')).toBe(readFileSync(both, 'utf8'))
  const twice = await touchstone('--short', '--merge', files[0], files[0])
  expect(twice.code).toBe(2)
  expect(twice.err).toContain('expected equations that no other file has, found sparsifiner/eq12')
})

test('results of another catalogue are not gone on from, which is said', async () => {
  const path = join(folder, 'other.json')
  const { equations, ...rest } = JSON.parse(readFileSync(join(folder, 'whole.json'), 'utf8')) as Record<
    string,
    unknown
  >
  writeFileSync(path, JSON.stringify({ ...rest, equations, catalogue: 'another' }))
  expect(readResults(path)).toBeUndefined()
  const { code, err } = await touchstone(
    ...equation,
    '--seeds',
    '0',
    '--probe-seeds',
    '0',
    '--doc',
    join(folder, 'other.md'),
  )
  expect(err).toBe(`touchstone: ${path} is of another catalogue or judge: everything is measured anew\n`)
  expect([code, storedIn('other')?.catalogue]).toEqual([0, catalogueDigest])
})

test.each([['--seeds'], ['--probe-seeds']])(
  'a short run has its own number of questions: %s',
  async (option) => {
    const { code, err } = await touchstone('--short', option, '2')
    expect([code, err]).toEqual([
      2,
      `touchstone: ${option}: expected no number of questions, found --short\n`,
    ])
  },
)

test.each([
  [['--equation', 'stvit/eq7'], 'stvit/eq7'],
  [['--equation', 'stvit/stgm'], 'one of the eighteen equations'],
  [['--doc', 'page.txt'], 'a file that ends in .md'],
  [['--seeds', '-1'], 'expected an integer from 0 to 100000'],
])('refuses %j', async (args, message) => {
  const { code, out, err } = await touchstone(...args)
  expect(code).toBe(2)
  expect(out).toBe('')
  expect(err).toContain(message)
  expect(err.trim().split('\n')).toHaveLength(1)
})

test('refuses results of the first format, and says what to do', async () => {
  const old = { catalogue: 'x', judge: 'y', seconds: 1, detectors: [], equations: {}, atSize: {}, sweeps: {} }
  writeFileSync(join(folder, 'old.json'), JSON.stringify(old))
  const { code, err } = await touchstone('--short', '--doc', join(folder, 'old.md'))
  expect(code).toBe(2)
  expect(err).toContain('format 4, found format 1 (delete it to measure anew)')
})

test.each<[string, (stored: Record<string, unknown>) => object, string]>([
  [
    'an equation that there is none of',
    ({ probes }) => ({
      atSize: {},
      probes: { ...Object(probes), constructor: Object(probes)['sparsifiner/eq11'] },
    }),
    'probes: expected one of the eighteen equations, found "constructor"',
  ],
  [
    'what assignment would take for a prototype',
    ({ equations }) => ({
      equations: Object.fromEntries([['__proto__', Object(equations)['sparsifiner/eq11']]]),
    }),
    '__proto__: expected no such name, found one',
  ],
  [
    'a count that is none',
    ({ equations }) => ({
      equations: { 'sparsifiner/eq11': { ...Object(equations)['sparsifiner/eq11'], count: '3' } },
    }),
    'equations.sparsifiner/eq11.count: expected number, found string (delete it to measure anew)',
  ],
])('refuses stored results with %s', async (_, change, message) => {
  const whole = JSON.parse(readFileSync(join(folder, 'whole.json'), 'utf8')) as Record<string, unknown>
  const path = join(folder, 'changed.json')
  writeFileSync(path, JSON.stringify({ ...whole, ...change(whole) }))
  const { code, out, err } = await touchstone(...equation, '--seeds', '0', '--merge', path)
  expect(err).toBe(`touchstone: ${path}: ${message}\n`)
  expect([out, code]).toEqual(['', 2])
})

test('refuses a stored file that is something else', async () => {
  writeFileSync(join(folder, 'alien.json'), '{"a": 1}')
  const { code, err } = await touchstone('--short', '--doc', join(folder, 'alien.md'))
  expect(code).toBe(2)
  expect(err).toContain('results as `sensitivity` writes them')
})
