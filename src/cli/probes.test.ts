import { describe, expect, test } from 'vitest'
import { real } from '../cases/raw-tensor.ts'
import { readTensorFile } from '../cases/tensor-files.ts'
import { probes } from '../catalogue/probes/index.ts'
import { fresh, question, refused, shapeIn, succeeded, tensorOf } from './testing.ts'

describe('probes', () => {
  test('list --probes names them, and what each is for', async () => {
    const out = await succeeded('list', '--probes')
    for (const { name } of probes) expect(out).toContain(name)
    const own = await succeeded('list', 'sparsifiner/eq2', '--probes', '--json', '-')
    expect(JSON.parse(own)).toMatchObject({
      probes: [{ name: 'at-threshold' }, { name: 'nothing-kept' }, { name: 'integers' }],
    })
  })

  test('emit --probe writes its question, and says what is exact', async () => {
    const path = fresh()
    const out = await succeeded('emit', 'stvit/eq3', '--probe', 'integers', '-o', path, '--seed', '2')
    expect(out).toContain('exact in any order of summing: q_s, q_g, k, A_s, A_g')
    const { metadata, tensors } = readTensorFile(path)
    expect(metadata.get('probe')).toBe('integers')
    expect(metadata.get('note')).toContain('A_g')
    expect(real(tensorOf(tensors, 'input.X')).every((x) => Number.isInteger(x) && Math.abs(x) <= 3)).toBe(
      true,
    )
    await succeeded('run', path, '-o', path)
    await succeeded('check', path)
  })

  test('what is asked for wins over the probe', async () => {
    const path = await question(
      ...([
        'sparsifiner/eq2',
        '--probe',
        'at-threshold',
        '--config',
        '{"tau": 0.25}',
        '--sizes',
        '{"n": 3}',
      ] as const),
    )
    expect(readTensorFile(path).metadata.get('config')).toBe('{"tau":0.25}')
    expect(shapeIn(path, 'input.A_down').at(-2)).toBe(3)
  })

  test.each([
    [
      ['emit', 'stvit/eq1', '--probe', 'tie', '-o', 'x'],
      '--probe: expected a known probe, found "tie" (did you mean "ties"?)',
    ],
    [
      ['emit', 'sparsifiner/eq12', '--probe', 'ties', '-o', 'x'],
      '--probe: expected a probe that says something of sparsifiner/eq12, found "ties" (known: integers)',
    ],
  ])('refuses %j', async (args, message) => refused(args, message))
})
