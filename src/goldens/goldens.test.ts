import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { equations, surroundings } from '../catalogue/index.ts'
import { decode, encode } from '../cases/safetensors.ts'
import { run } from '../cli/program.ts'
import { packageRoot } from '../version.ts'
import { sha256 } from './hash.ts'
import { MANIFEST, readManifest, type Manifest } from './manifest.ts'
import { pathOf, recipes } from './recipes.ts'
import { verifyGoldens, type GoldenResult } from './verify.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'touchstone-golden-'))
  cpSync(join(packageRoot, 'golden'), folder, { recursive: true })
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** The folder's goldens of one equation that do not hold. */
function broken(id: string, manifest = manifestOf()): GoldenResult[] {
  return [...verifyGoldens(folder, manifest, (own) => own === id)].filter(({ verdict }) => verdict === 'fail')
}

function manifestOf(): Manifest {
  const manifest = readManifest(folder)
  if (manifest === undefined) throw new Error('no manifest')
  return manifest
}

/** Exit code and both streams of a command. */
async function command(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const streams = { out: '', err: '' }
  const spies = (['out', 'err'] as const).map((name) =>
    vi.spyOn(name === 'out' ? process.stdout : process.stderr, 'write').mockImplementation((chunk) => {
      streams[name] += String(chunk)
      return true
    }),
  )
  try {
    return { code: await run(args), ...streams }
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
}

test('every equation has at least six exact goldens, what surrounds them three, each with a name of its own and a reason', () => {
  const goldensOf = (id: string): number => recipes.filter((recipe) => recipe.id === id).length
  for (const { id } of equations) expect(goldensOf(id), id).toBeGreaterThanOrEqual(6)
  for (const { id } of surroundings) expect(goldensOf(id), id).toBeGreaterThanOrEqual(3)
  expect(new Set(recipes.map(pathOf)).size).toBe(recipes.length)
  for (const { why } of recipes) expect(why).not.toBe('')
})

test('the goldens of the repository hold', async () => {
  const { code, out } = await command('golden', 'verify')
  expect(out).toMatch(/pass {2}goldens: (\d+) of \1 hold/)
  expect(code).toBe(0)
})

describe('a golden that does not hold says which and why', () => {
  const ties = 'exact/sparsifiner/eq3/ties.safetensors'
  const id = 'sparsifiner/eq3'

  test('an edited file', () => {
    const path = join(folder, ties)
    const bytes = readFileSync(path)
    bytes[bytes.length - 1] ^= 1
    writeFileSync(path, bytes)
    expect(broken(id)).toEqual([
      {
        golden: ties,
        verdict: 'fail',
        reason: expect.stringMatching(/^edited: sha256 [0-9a-f]{12}…, the manifest has/),
      },
    ])
  })

  test('an edited value with the hash made to fit', () => {
    const path = join(folder, ties)
    const file = decode(readFileSync(path))
    const mask = file.tensors.get('output.M')
    if (mask === undefined) throw new Error('no M')
    const flipped = mask.bytes.slice()
    flipped[0] ^= 1
    const bytes = encode({
      ...file,
      tensors: new Map([...file.tensors, ['output.M', { ...mask, bytes: flipped }]]),
    })
    writeFileSync(path, bytes)
    const manifest = manifestOf()
    const entry = manifest.exact[ties]
    const hash = sha256(bytes)
    const [result] = broken(id, {
      ...manifest,
      exact: { ...manifest.exact, [ties]: { ...entry, sha256: hash } },
    })
    expect(result.reason).toBe('float64 is beyond rounding off: M [0, 0]: golden 1, found 0')
  })

  test('a file that is gone', () => {
    rmSync(join(folder, ties))
    expect(broken(id)[0].reason).toMatch(/^the file is gone/)
  })

  test('a file that the manifest does not know', () => {
    writeFileSync(join(folder, 'exact/sparsifiner/eq3/mine.safetensors'), '')
    expect(broken(id)).toEqual([
      expect.objectContaining({
        golden: 'exact/sparsifiner/eq3/mine.safetensors',
        reason: expect.stringMatching(/^not in the manifest/),
      }),
    ])
  })

  test('a recipe that is not in the manifest', () => {
    const { [ties]: _, ...exact } = manifestOf().exact
    rmSync(join(folder, ties))
    expect(broken(id, { ...manifestOf(), exact })[0]).toMatchObject({
      golden: ties,
      reason: expect.stringMatching(/^missing from the manifest/),
    })
  })

  test('scalar transcriptions that are not those which made it', () => {
    const manifest = manifestOf()
    const [first] = broken(id, { ...manifest, generator: { ...manifest.generator, sha256: 'another' } })
    expect(first).toMatchObject({ golden: MANIFEST, reason: expect.stringMatching(/^stale/) })
  })

  test('a bit of the reference that changed', () => {
    const manifest = manifestOf()
    const name = 'sparsifiner/eq11 loss'
    const digest = { ...manifest.reference[name], sha256: 'another', values: { 0: '0x00000000' } }
    const [result] = broken('sparsifiner/eq11', {
      ...manifest,
      reference: { ...manifest.reference, [name]: digest },
    })
    expect(result.reason).toMatch(
      /^the reference's bits changed: 1 of the 1 values kept, first at 0: 0x00000000 became 0x/,
    )
  })
})

describe('golden update', () => {
  test('without a reason shows what would change and writes nothing', async () => {
    rmSync(join(folder, MANIFEST))
    const { code, out, err } = await command('golden', 'update', '--folder', folder)
    expect(out).toContain('added    exact/sparsifiner/eq3/ties.safetensors\n')
    expect(err).toBe(
      'touchstone: --reason: expected why goldens may change, found nothing (nothing was written)\n',
    )
    expect(code).toBe(2)
    expect(readManifest(folder)).toBeUndefined()
  })

  test('with a reason remakes the same bytes and records it', async () => {
    const before = manifestOf()
    rmSync(join(folder, 'exact'), { recursive: true })
    const emptied = { ...before, exact: {} }
    writeFileSync(join(folder, MANIFEST), JSON.stringify(emptied))
    const { code } = await command('golden', 'update', '--folder', folder, '--reason', 'a test')
    expect(code).toBe(0)
    const after = manifestOf()
    expect(after.exact).toEqual(before.exact)
    expect(after.reference).toEqual(before.reference)
    expect(after.updates.at(-1)).toMatchObject({
      reason: 'a test',
      added: recipes.length,
      changed: 0,
      removed: 0,
    })
    expect([...verifyGoldens(folder, after)].filter(({ verdict }) => verdict === 'fail')).toEqual([])
  })
})

test('a folder without goldens, a manifest of another format, one that is no JSON: one line, exit 2', async () => {
  rmSync(join(folder, MANIFEST))
  const line = (found: string): string => `touchstone: ${found}\n`
  expect(await command('golden', 'verify', '--folder', folder)).toMatchObject({
    code: 2,
    err: line(
      `${folder}: expected a folder with a manifest.json, found none (a clone of the project has one; --folder names another)`,
    ),
  })
  writeFileSync(join(folder, MANIFEST), '{"format":2}')
  expect(await command('golden', 'list', '--folder', folder)).toMatchObject({
    code: 2,
    err: line(`${join(folder, MANIFEST)}: expected a golden manifest of format 1, found format 2`),
  })
  writeFileSync(join(folder, MANIFEST), `{"format":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)
  expect(await command('golden', 'list', '--folder', folder)).toMatchObject({
    code: 2,
    err: line(
      `${join(folder, MANIFEST)}: expected a golden manifest of format 1, found format what is nested too deep to show`,
    ),
  })
  const update = { date: '2026-11-21', reason: 'none', added: 0, changed: 0, removed: '0' }
  const whole = {
    format: 1,
    generator: { name: '', version: '', sha256: '' },
    seed: 1,
    remake: '',
    exact: {},
    reference: {},
  }
  for (const [parts, message] of [
    [{}, 'updates: expected array, found undefined'],
    [{ updates: [update] }, 'updates.0.removed: expected number, found string'],
    [{ updates: [], exact: { constructor: 1 } }, 'exact.constructor: expected object, found number'],
    [{ updates: [], reference: null }, 'reference: expected record, found null'],
  ] as const) {
    writeFileSync(join(folder, MANIFEST), JSON.stringify({ ...whole, ...parts }))
    expect(await command('golden', 'list', '--folder', folder)).toMatchObject({
      code: 2,
      err: line(`${join(folder, MANIFEST)}: ${message}`),
    })
  }
  writeFileSync(join(folder, MANIFEST), 'nonsense')
  expect((await command('golden', 'list', '--folder', folder)).err).toMatch(
    /expected JSON, found Unexpected token.*\n$/,
  )
})

test('show prints a golden; an unknown one is refused with the nearest name', async () => {
  const { out } = await command('golden', 'show', 'sparsifiner/eq3/ties')
  expect(out).toContain('equal scores: the lower column wins')
  expect(out).toContain('output.M U8 [4, 4] 0 1 1 0')
  const { code, err } = await command('golden', 'show', 'sparsifiner/eq3/tie')
  expect(err).toBe(
    'touchstone: golden: expected a known golden, found "sparsifiner/eq3/tie" (did you mean "sparsifiner/eq3/ties"?)\n',
  )
  expect(code).toBe(2)
})
