import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { question, refused, touchstone } from './testing.ts'

beforeEach(() => {
  for (const name of ['TOUCHSTONE_NO_GPU', 'TOUCHSTONE_ADAPTER', 'TOUCHSTONE_GPU_TIMEOUT'])
    vi.stubEnv(name, undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const onEquation = ['verify', '--equation', 'sparsifiner/eq12', '--cases', '1']

describe('an option that another one leaves without effect is refused', () => {
  test.each<[string[], string]>([
    [
      [...onEquation, '--no-gpu', '--adapter', 'swiftshader'],
      '--adapter: expected a GPU to be asked, found --no-gpu',
    ],
    [
      [...onEquation, '--gpu-timeout', '5', '--no-gpu'],
      '--gpu-timeout: expected a GPU to be asked, found --no-gpu',
    ],
    [
      ['verify', '--arithmetic', 'gpu', '--adapter', 'system', '--no-gpu'],
      '--adapter: expected a GPU to be asked, found --no-gpu',
    ],
    [['run', 'x.st', '-o', 'y.st', '--fused'], '--fused: expected --arithmetic gpu, found "float32"'],
    [
      ['run', 'x.st', '-o', 'y.st', '--adapter', 'system'],
      '--adapter: expected --arithmetic gpu, found "float32"',
    ],
    [
      ['run', 'x.st', '-o', 'y.st', '--gpu-timeout', '5', '--arithmetic', 'exact'],
      '--gpu-timeout: expected --arithmetic gpu, found "exact"',
    ],
    [['profile', 'wgsl', '--schema'], '--schema: expected no profile beside it, found "wgsl"'],
    [
      ['list', '--probes', '--intermediates'],
      '--intermediates: expected equations to be listed, found --probes',
    ],
    [
      ['list', 'stvit/eq1', '--intermediates', '--probes'],
      '--intermediates: expected equations to be listed, found --probes',
    ],
  ])('%j', refused)

  test.each([
    ['--cases', '3'],
    ['--seed', '1'],
    ['--config', '{}'],
    ['--sizes', '{"B": 2}'],
    ['--batch', '[]'],
    ['--with', 'W'],
    ['--without', 'W'],
    ['--probe', 'integers'],
  ])('simulate FILE %s, which is for drawn questions', async (name, value) => {
    const path = await question('sparsifiner/eq11')
    await refused(
      ['simulate', path, name, value],
      `${name}: expected an equation to draw cases of, found the file "${path}"`,
    )
  })
})

describe('what the environment says counts where something asks for it', () => {
  test('--no-gpu overrides an adapter of the environment', async () => {
    vi.stubEnv('TOUCHSTONE_ADAPTER', 'abacus')
    vi.stubEnv('TOUCHSTONE_GPU_TIMEOUT', '5')
    const { code, err } = await touchstone(...onEquation, '--no-gpu')
    expect([code, err]).toEqual([0, ''])
  })

  test('run in another arithmetic minds no adapter of the environment', async () => {
    vi.stubEnv('TOUCHSTONE_ADAPTER', 'abacus')
    const path = await question('sparsifiner/eq11')
    expect((await touchstone('run', path, '-o', path)).code).toBe(0)
  })

  test('an adapter asked for where the environment leaves the GPU out is refused, and says by what', () => {
    vi.stubEnv('TOUCHSTONE_NO_GPU', '1')
    return refused(
      [...onEquation, '--adapter', 'system'],
      '--adapter: expected a GPU to be asked, found TOUCHSTONE_NO_GPU in the environment',
    )
  })

  test('an adapter that is not there is named by who asked for it', async () => {
    vi.stubEnv('TOUCHSTONE_ADAPTER', 'abacus')
    for (const command of [onEquation, ['gpu']]) {
      const { code, out, err } = await touchstone(...command)
      expect(err).toMatch(
        /^touchstone: TOUCHSTONE_ADAPTER in the environment: expected a GPU, found no "abacus" adapter \(.+\) \(without it the system’s, else SwiftShader\)\n$/,
      )
      expect([code, out]).toEqual([2, ''])
    }
  })

  test('what is empty there is not said', async () => {
    vi.stubEnv('TOUCHSTONE_ADAPTER', '')
    vi.stubEnv('TOUCHSTONE_GPU_TIMEOUT', '')
    vi.stubEnv('TOUCHSTONE_NO_GPU', '')
    const { code, out, err } = await touchstone(...onEquation)
    expect([code, err]).toEqual([0, ''])
    expect(out).not.toContain('left out')
  })
})

test('simulate CASE takes what is not for drawing', async () => {
  const path = await question('sparsifiner/eq11')
  const { code, err } = await touchstone('simulate', path, '--depth', '1', '--allow-non-finite')
  expect([code, err]).toEqual([0, ''])
})
