import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { hasGpu } from '../../gpu/testing.ts'
import { catalogue } from '../catalogue/index.ts'
import { readTensorFile } from '../cases/tensor-files.ts'
import { folder, touchstone } from './testing.ts'

beforeEach(() => {
  delete process.env['TOUCHSTONE_NO_GPU']
})

const there = await hasGpu()

describe.skipIf(!there)('with a GPU', () => {
  test('`gpu` says which, and tests it', async () => {
    const { code, out } = await touchstone('gpu')
    expect(out).toMatch(/^adapter .+\ndriver .+\nfound in .+\nkernels +(scalar|workgroup); the adapter .+\n/)
    expect(out).toContain(`pass  self-test: ${catalogue.length} of ${catalogue.length} questions`)
    expect(code).toBe(0)
  })

  test('`gpu --json` says it to machines', async () => {
    const { out } = await touchstone('gpu', '--json', '-')
    expect(JSON.parse(out)).toMatchObject({
      adapter: { name: expect.any(String) },
      kernels: { form: expect.any(String), reason: expect.any(String) },
      troubles: [],
    })
  })

  test('`run --arithmetic gpu` answers, and the answer is judged a pass', async () => {
    const file = join(folder, 'case.safetensors')
    await touchstone('emit', 'sparsifiner/eq3', '--seed', '4', '-o', file)
    const { code, out } = await touchstone('run', file, '--arithmetic', 'gpu', '--intermediates', '-o', file)
    expect(out).toContain('sparsifiner/eq3 in gpu: scores ')
    expect(code).toBe(0)
    expect(readTensorFile(file).tensors.get('output.M')?.dtype).toBe('U8')
    expect((await touchstone('check', file)).out).toContain('pass')
  })

  test('`verify` gives it a column', async () => {
    const { code, out } = await touchstone('verify', '--equation', 'stvit/eq3', '--cases', '2')
    expect(out).toMatch(/GPU +fused +verdict\nstvit\/eq3 .* pass \S+ \S+ +– +pass/)
    expect(out).toMatch(/\npass {2}gpu: \d+ cases on .+\)\n/)
    expect(code).toBe(0)
  })

  test('`verify` gives another to fused kernels, of what has composites', async () => {
    const { code, out } = await touchstone('verify', '--equation', 'stvit/eq1', '--cases', '2', '--json', '-')
    const { gpu } = JSON.parse(out)
    expect(gpu.fused).toHaveLength(gpu.results.length)
    expect(gpu.fused[0].outputs.map(({ name }: { name: string }) => name)).toEqual(['S_hat', 'S'])
    expect(code).toBe(0)
    const shown = await touchstone('verify', '--equation', 'stvit/eq1', '--cases', '2')
    expect(shown.out).toMatch(/GPU +fused +verdict\nstvit\/eq1 .* pass \S+ \S+ +pass \S+ \S+ +pass/)
    expect(shown.out).toMatch(/\npass {2}gpu: (\d+) cases on .+, \1 of them also fused\n/)
  })

  test('`verify --arithmetic gpu` is of nothing else', async () => {
    const asked = ['verify', '--arithmetic', 'gpu', '--equation', 'stvit/eq4', '--cases', '2']
    const { code, out } = await touchstone(...asked)
    expect(out).toMatch(/GPU +fused +verdict\nstvit\/eq4 +2 .* – +pass \S+ \S+ +pass \S+ \S+ +pass/)
    expect(out).toMatch(
      /\npass {2}gpu: (\d+) cases on .+, \1 of them also fused\npass {2}gpu: 1 equation, \1 cases, \d/,
    )
    expect(out).not.toContain('goldens')
    expect(code).toBe(0)
    const { results, gpu, arithmetic } = JSON.parse((await touchstone(...asked, '--json', '-')).out)
    expect(arithmetic).toBe('gpu')
    expect(results).toHaveLength(gpu.fused.length)
    expect(results[0].outputs.map(({ name }: { name: string }) => name)).toEqual(['dw', 'norm', 'gelu', 'M'])
  })

  test('`run --fused` writes outputs alone, and intermediates outside of what is fused', async () => {
    const file = join(folder, 'fused.safetensors')
    await touchstone('emit', 'stvit/eq1', '--seed', '4', '-o', file)
    const { code, out } = await touchstone('run', file, '--arithmetic', 'gpu', '--fused', '-o', file)
    expect(out).toContain('stvit/eq1 in gpu: S_hat ')
    expect(code).toBe(0)
    expect((await touchstone('check', file)).out).toContain('pass')
    const all = ['run', file, '--arithmetic', 'gpu', '--fused', '--intermediates', '-o', file]
    expect((await touchstone(...all)).out).toContain(' A [')
    expect((await touchstone('check', file)).out).toContain('pass')
  })
})

test('`verify --no-gpu` leaves it out, and so does the environment', async () => {
  const left = await touchstone('verify', '--equation', 'sparsifiner/eq12', '--cases', '1', '--no-gpu')
  expect(left.out).toContain('\nnot-judged  gpu: left out\n')
  expect(left.code).toBe(0)
  process.env['TOUCHSTONE_NO_GPU'] = '1'
  const also = await touchstone('verify', '--equation', 'sparsifiner/eq12', '--cases', '1')
  expect(also.out).toContain('\nnot-judged  gpu: left out\n')
})

test.each([
  ['gpu', '--adapter', 'abacus'],
  ['verify', '--equation', 'sparsifiner/eq12', '--cases', '1', '--adapter', 'abacus'],
  ['verify', '--arithmetic', 'gpu', '--adapter', 'abacus'],
  [
    'run',
    'nothing.safetensors',
    '--arithmetic',
    'gpu',
    '--adapter',
    'abacus',
    '-o',
    join(folder, 'x.safetensors'),
  ],
])('an adapter that is not there cannot be asked: %s', async (...args) => {
  const { code, out, err } = await touchstone(...args)
  expect(err).toMatch(
    /^touchstone: --adapter: expected a GPU, found no "abacus" adapter \(system: .+\) \(without it the system’s, else SwiftShader\)\n$/,
  )
  expect(out).toBe('')
  expect(code).toBe(2)
})

test('only the GPU fuses', async () => {
  const { code, err } = await touchstone('run', 'case.safetensors', '--fused', '-o', 'case.safetensors')
  expect(err).toBe('touchstone: --fused: expected --arithmetic gpu, found "float32"\n')
  expect(code).toBe(2)
})

test('the GPU cannot be all that is verified, and left out', async () => {
  const { code, out, err } = await touchstone('verify', '--arithmetic', 'gpu', '--no-gpu')
  expect(err).toBe('touchstone: --arithmetic: expected no gpu with --no-gpu, found "gpu"\n')
  expect(out).toBe('')
  expect(code).toBe(2)
})
