import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readTensorFile } from '../../cases/tensor-files.ts'
import { folder, fresh, IDS, outputsIn, question, refused, shapeIn, succeeded } from '../testing.ts'

describe('emit', () => {
  test('the same seed gives the same bytes, another seed others', async () => {
    for (const id of IDS) {
      const bytes = async (...options: string[]): Promise<Buffer> =>
        readFileSync(await question(id, ...options))
      const seven = await bytes('--seed', '7')
      expect(await bytes('--seed', '7')).toEqual(seven)
      expect(await bytes('--seed', '8')).not.toEqual(seven)
    }
  })

  test('the seed is 1 unless given, and stands in the file', async () => {
    const path = await question('stvit/eq2')
    expect(readFileSync(path)).toEqual(readFileSync(await question('stvit/eq2', '--seed', '1')))
    expect(readTensorFile(path).metadata.get('seed')).toBe('1')
  })

  test('a question has no output, and says where it is from', async () => {
    const path = fresh()
    const out = await succeeded('emit', 'stvit/eq1', '-o', path)
    expect(outputsIn(path)).toEqual([])
    expect(out).toMatch(/^.*\.safetensors: stvit\/eq1, (\w+ = \d+, )+config {"heads":\d}\n$/)
    expect(readTensorFile(path).metadata.get('source')).toMatch(/^touchstone emit \d/)
  })

  test('--sizes, --batch and --config are what the question has', async () => {
    const path = await question(
      'stvit/eq2',
      '--sizes',
      '{"Ns":5,"Ni":7,"C":12,"rC":24}',
      '--batch',
      '[2,3]',
      '--config',
      '{"heads":4,"eps":1e-5}',
    )
    expect(shapeIn(path, 'input.S1')).toEqual([2, 3, 5, 12])
    expect(shapeIn(path, 'input.X')).toEqual([2, 3, 7, 12])
    expect(shapeIn(path, 'param.G')).toEqual([5, 12])
    expect(shapeIn(path, 'param.ffn.fc1.weight')).toEqual([24, 12])
    expect(JSON.parse(readTensorFile(path).metadata.get('config') ?? '')).toEqual({ heads: 4, eps: 1e-5 })
  })

  test('--batch [] is no batch', async () => {
    expect(
      shapeIn(await question('sparsifiner/eq2', '--batch', '[]', '--sizes', '{"n":2,"m":3}'), 'input.A_down'),
    ).toEqual([2, 3])
  })

  const emit = (id: string, ...options: string[]): string[] => [
    'emit',
    id,
    '-o',
    join(folder, 'never'),
    ...options,
  ]
  test('an extent nested deeper than can be written is refused as any other', async () => {
    const deep = `${'['.repeat(6_000)}${']'.repeat(6_000)}`
    await refused(
      emit('stvit/eq1', '--sizes', `{"C":${deep}}`),
      '--sizes C: expected an integer ≥ 1, found what is nested too deep to show',
    )
  })

  test.each<[string[], string]>([
    [emit('stvit/eq0'), 'id: expected a known equation, found "stvit/eq0" (did you mean "stvit/eq1"?)'],
    [
      emit('stvit/eq1', '--seed', '-1'),
      "option '--seed <n>' argument '-1' is invalid. expected an integer ≥ 0.",
    ],
    [
      emit('stvit/eq1', '--seed', '1.5'),
      "option '--seed <n>' argument '1.5' is invalid. expected an integer ≥ 0.",
    ],
    [emit('stvit/eq1', '--seed', ''), "option '--seed <n>' argument '' is invalid. expected an integer ≥ 0."],
    [emit('stvit/eq1', '--config', '{"heads":0}'), 'config.heads: expected an integer ≥ 1, found 0'],
    [
      emit('stvit/eq1', '--config', '{"heads":5}', '--sizes', '{"C":4}'),
      'config.heads: expected a divisor of C = 4, found 5 (nearest: 4)',
    ],
    [
      emit('stvit/eq1', '--config', '{"head":2}'),
      'config: expected a known key, found "head" (did you mean "heads"?)',
    ],
    [emit('stvit/eq1', '--sizes', ''), '--sizes: expected a JSON object of extents, found ""'],
    [emit('stvit/eq1', '--batch', ''), '--batch: expected a JSON array of integers ≥ 1, found ""'],
    [
      emit('stvit/eq1', '--sizes', `"${'x'.repeat(5000)}"`),
      `--sizes: expected a JSON object of extents, found "${'x'.repeat(79)}…`,
    ],
    [
      emit('stvit/eq1', '--sizes', `{"${'x'.repeat(5000)}":1}`),
      `sizes: expected a known extent, found "${'x'.repeat(80)}…" (known: Ns, Ni, C, rC)`,
    ],
    [
      emit('stvit/eq1', '--seed', '9007199254740993'),
      "option '--seed <n>' argument '9007199254740993' is invalid. expected an integer from 0 to 9007199254740991.",
    ],
    [emit('stvit/eq1', '--sizes', '16'), '--sizes: expected a JSON object of extents, found 16'],
    [emit('stvit/eq1', '--sizes', '{C:4}'), '--sizes: expected a JSON object of extents, found {C:4}'],
    [emit('stvit/eq1', '--sizes', '{"C":0}'), 'sizes.C: expected an integer ≥ 1, found 0'],
    [emit('stvit/eq1', '--sizes', '{"C":2.5}'), 'sizes.C: expected an integer ≥ 1, found 2.5'],
    [emit('stvit/eq1', '--sizes', '{"C":"4"}'), '--sizes C: expected an integer ≥ 1, found "4"'],
    [emit('stvit/eq1', '--sizes', '{"C":null}'), '--sizes C: expected an integer ≥ 1, found null'],
    [
      emit('stvit/eq1', '--sizes', '{"N":4}'),
      'sizes: expected a known extent, found "N" (did you mean "Ns"?)',
    ],
    [
      emit('sparsifiner/eq2', '--sizes', '{"__proto__":3}'),
      'sizes: expected a known extent, found "__proto__" (known: n, m)',
    ],
    [
      emit('sparsifiner/eq2', '--sizes', '{"__proto__":{"n":3}}'),
      '--sizes __proto__: expected an integer ≥ 1, found {"n":3}',
    ],
    [
      emit('sparsifiner/eq2', '--sizes', '{"n":2,"m":3,"n":4}'),
      '--sizes: expected each key once, found "n" twice',
    ],
    [
      emit('sparsifiner/eq2', '--sizes', '{"constructor":3}'),
      'sizes: expected a known extent, found "constructor" (known: n, m)',
    ],
    [
      emit('sparsifiner/eq2', '--config', '{"__proto__":{"tau":1}}'),
      'config: expected a known key, found "__proto__" (known: tau)',
    ],
    [
      emit('sparsifiner/eq2', '--config', '{"constructor":1}'),
      'config: expected a known key, found "constructor" (known: tau)',
    ],
    [
      emit('stvit/eq1', '--sizes', '{"C":16000,"rC":16000}', '--config', '{"heads":1}'),
      'param.attn.q.weight: expected at most 2147483647 bytes (2 GiB) in all tensors of a question, found 6144960000, of them 1024000000 in shape [16000, 16000]',
    ],
    [
      emit('sparsifiner/eq4', '--sizes', '{"n":8192,"d":8192}', '--batch', '[4]'),
      'input.Q: expected at most 2147483647 bytes (2 GiB) in all tensors of a question, found 2415919104, of them 1073741824 in shape [4, 8192, 8192]',
    ],
    [
      emit('sparsifiner/eq4', '--sizes', '{"n":8192,"d":8192}', '--batch', '[1000000]'),
      'input.Q: expected at most 2^28 elements, found shape [1000000, 8192, 8192]',
    ],
    [
      emit('sparsifiner/eq2', '--sizes', '{"ws":4}'),
      'sizes: expected a known extent, found "ws" (known: n, m)',
    ],
    [
      emit('stvit/eq4', '--sizes', '{"kd":2}'),
      'param.dw.weight: expected a kernel of odd size, padded by (k − 1)/2, found 2 × 2',
    ],
    [emit('stvit/eq1', '--batch', '2'), '--batch: expected a JSON array of integers ≥ 1, found 2'],
    [emit('stvit/eq1', '--batch', '[0]'), '--batch: expected a JSON array of integers ≥ 1, found [0]'],
    [emit('stvit/eq1', '--batch', '[2'), '--batch: expected a JSON array of integers ≥ 1, found [2'],
    [
      ['emit', 'stvit/eq1', '-o', '/nowhere/case.st'],
      '/nowhere/case.st: expected a place that can be written, found no such file or directory (ENOENT)',
    ],
  ])('%j is refused', async (args, message) => {
    await refused(args, message)
    expect(readdirSync(folder)).not.toContain('never')
  })
})
