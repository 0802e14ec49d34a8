import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { catalogue } from '../../catalogue/index.ts'
import { folder, IDS, refused, succeeded } from '../testing.ts'

describe('list', () => {
  test('shows every equation, one a line', async () => {
    const lines = (await succeeded('list')).split('\n')
    for (const id of IDS) expect(lines.filter((line) => line.startsWith(`${id} `))).toHaveLength(1)
    expect(lines.find((line) => line.startsWith('sparsifiner/eq3 '))).toMatch(
      /A_tilde \[\.\., n, m\] +scores \[\.\., n, n\], M \[\.\., n, n\] +Connectivity mask$/,
    )
  })

  test('shows one in full', async () => {
    const out = await succeeded('list', 'sparsifiner/eq4')
    expect(out).toMatch(/^sparsifiner\/eq4 /)
    expect(out).toMatch(/^input\.M +\[\.\., n, n\] +0\/1$/m)
    expect(out).toMatch(/^config\.normalize +"full" or "masked" +default full; /m)
    expect(out).toMatch(/^output\.A_sparse +\[\.\., n, n\]$/m)
    expect(out).not.toContain('output.logits')
  })

  test('shows intermediates when asked', async () => {
    const out = await succeeded('list', 'sparsifiner/eq4', '--intermediates')
    expect(out).toMatch(/^output\.logits +\[\.\., n, n\] +intermediate, where M = 1$/m)
    const layer = await succeeded('list', 'stvit/eq1', '--intermediates')
    const names = [...layer.matchAll(/^output\.(\w+)/gm)].map(([, name]) => name)
    const contract =
      'norm_q norm_kv q k v scores A heads attn S_hat norm2 fc1 gelu fc2 S (in order of computing)'
    expect(`${names.join(' ')} (in order of computing)`).toBe(contract)
  })

  test('--json - is JSON and nothing else', async () => {
    const all = JSON.parse(await succeeded('list', '--json', '-')) as { equations: { id: string }[] }
    expect(all.equations.map(({ id }) => id)).toEqual(expect.arrayContaining([...IDS]))
    expect(all.equations.length).toBe(catalogue.length)
    const one = JSON.parse(await succeeded('list', 'stvit/eq3', '--json', '-')) as typeof all
    expect(one.equations.map(({ id }) => id)).toEqual(['stvit/eq3'])
  })

  test('--json FILE comes on top of the text', async () => {
    const path = join(folder, 'list.json')
    expect(await succeeded('list', 'stvit/eq3', '--json', path)).toMatch(/^stvit\/eq3 /)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ equations: [{ id: 'stvit/eq3' }] })
  })

  test.each<[string[], string]>([
    [['list', 'stvit/eq12'], 'id: expected a known equation, found "stvit/eq12" (did you mean "stvit/eq1"?)'],
    [
      ['list', '--json', '/nowhere/list.json'],
      '/nowhere/list.json: expected a place that can be written, found no such file or directory (ENOENT)',
    ],
  ])('%j is refused', refused)
})
