import { describe, expect, test } from 'vitest'
import { findEquation } from '../cases/names.ts'
import { readTensorFile } from '../cases/tensor-files.ts'
import { readPresence, type PresenceTexts } from './optional-params.ts'
import { fresh, question, refused, succeeded } from './testing.ts'

const eq1 = findEquation('stvit/eq1')

/** The params of a question of Eq. (1), the eight that every one has left out. */
async function paramsOf(...options: string[]): Promise<string[]> {
  const { tensors } = readTensorFile(await question('stvit/eq1', ...options))
  return [...tensors.keys()]
    .filter((name) => name.startsWith('param.') && !/(attn|ffn)\..*\.weight$/.test(name))
    .map((name) => name.slice('param.'.length))
    .toSorted()
}

const NORMS = ['norm1.bias', 'norm1.weight', 'norm2.bias', 'norm2.weight']
const BIASES = ['attn.k.bias', 'attn.proj.bias', 'attn.q.bias', 'attn.v.bias', 'ffn.fc1.bias', 'ffn.fc2.bias']

describe('emit --with and --without', () => {
  test('all that is optional, or nothing of it, whatever the seed', async () => {
    for (const seed of ['1', '2', '3']) {
      const all = await paramsOf('--seed', seed, '--with', '*')
      expect(all).toEqual([...BIASES, 'layer_scale_1', 'layer_scale_2', ...NORMS].toSorted())
      expect(await paramsOf('--seed', seed, '--without', '*')).toEqual([])
    }
  })

  test('a layer as DeiT has it: --without wins over --with', async () => {
    const found = await paramsOf('--with', '*', '--without', 'layer_scale_*')
    expect(found).toEqual([...BIASES, ...NORMS].toSorted())
    expect(
      await paramsOf('--with', 'norm1, norm2, attn, ffn', '--without', 'layer_scale_1,layer_scale_2'),
    ).toEqual(found)
  })

  test('a norm comes whole, by whichever of its params it is named', async () => {
    for (const name of ['norm1', 'norm1.bias', 'norm1.weight', 'param.norm1.bias', 'norm1.*'])
      expect(await paramsOf('--with', name, '--without', 'attn,ffn,norm2,layer_scale_*')).toEqual([
        'norm1.bias',
        'norm1.weight',
      ])
  })

  test('what is named by neither is drawn as without them', async () => {
    const drawn = await paramsOf('--seed', '5')
    const named = BIASES.find((name) => !drawn.includes(name)) ?? 'none is left out'
    expect(await paramsOf('--seed', '5', '--with', named)).toEqual([...drawn, named].toSorted())
  })

  test('of a probe too, beside what it wants itself', async () => {
    const path = await question('stvit/eq1', '--probe', 'integers', '--with', 'layer_scale_1')
    const names = [...readTensorFile(path).tensors.keys()]
    expect(names).toContain('param.layer_scale_1')
    expect(names).not.toContain('param.norm1.weight')
  })

  test('simulate draws so too', async () => {
    const args = ['simulate', 'stvit/eq1', '--cases', '1', '--depth', '1', '--intermediates']
    expect(await succeeded(...args, '--with', 'norm1')).toContain('norm_q')
    expect(await succeeded(...args, '--without', 'norm1')).not.toContain('norm_q')
  })

  test.each<[string, string[], string]>([
    [
      'stvit/eq1',
      ['--with', 'norm3'],
      '--with: expected optional params of stvit/eq1, found "norm3" (did you mean "norm1"?)',
    ],
    [
      'stvit/eq1',
      ['--without', 'attn.q.weight'],
      '--without: expected optional params of stvit/eq1, found "attn.q.weight" (known: norm1, attn.q.bias, attn.k.bias, attn.v.bias, attn.proj.bias, layer_scale_1, norm2, ffn.fc1.bias, ffn.fc2.bias, layer_scale_2)',
    ],
    [
      'stvit/eq1',
      ['--with', 'bias'],
      '--with: expected optional params of stvit/eq1, found "bias" (known: norm1, attn.q.bias, attn.k.bias, attn.v.bias, attn.proj.bias, layer_scale_1, norm2, ffn.fc1.bias, ffn.fc2.bias, layer_scale_2)',
    ],
    [
      'sparsifiner/eq2',
      ['--with', '*'],
      '--with: expected optional params of sparsifiner/eq2, found "*" (there are none)',
    ],
    ['stvit/eq1', ['--with', ''], '--with: expected names of optional params, with commas between, found ""'],
    [
      'stvit/eq1',
      ['--with', 'norm1,'],
      '--with: expected names of optional params, with commas between, found norm1,',
    ],
    [
      'stvit/eq1',
      ['--with', 'norm1', '--without', 'norm1.bias'],
      '--with: expected params of which --without leaves some, found "norm1"',
    ],
  ])('of %s %j is refused', (id, options, message) =>
    refused(['emit', id, '-o', fresh(), ...options], message),
  )
})

test.each<[PresenceTexts, string, boolean | undefined]>([
  [{}, 'param.norm1.bias', undefined],
  [{ with: 'norm1' }, 'param.norm1.bias', true],
  [{ with: 'norm1' }, 'param.norm2.bias', undefined],
  [{ with: '*', without: '*.bias' }, 'param.norm1.weight', false],
  [{ with: '*', without: '*.bias' }, 'param.layer_scale_1', true],
  [{ with: '*' }, 'param.attn.q.weight', undefined],
])('%j says of %s: %s', (texts, name, there) => {
  expect(readPresence(eq1, texts)(name)).toBe(there)
})
