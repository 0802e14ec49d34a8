import { join } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { watch } from '../../gpu/device/watchdog.ts'
import { deviceHung, GpuError } from '../../gpu/index.ts'
import type { Value } from '../../reference/evaluator.ts'
import type * as arithmetic from '../arithmetics/gpu.ts'
import { arithmeticNamed } from '../arithmetics/index.ts'
import type { Question } from '../cases/question.ts'
import { folder, touchstone } from './testing.ts'

type Values = ReadonlyMap<string, Value>

/** A GPU as it may turn out to be. */
const gpu = vi.hoisted(() => ({
  open: (): Promise<void> => Promise.resolve(),
  answer: (): Promise<void> => Promise.resolve(),
}))

vi.mock('../arithmetics/gpu.ts', async (importOriginal) => ({
  ...(await importOriginal<typeof arithmetic>()),
  async openGpuAnswerer(): Promise<arithmetic.GpuAnswerer> {
    await gpu.open()
    const report = {
      name: 'abacus',
      vendor: '',
      architecture: '',
      driver: 'beads',
      source: 'system',
    } as const
    const answer = async (question: Question): Promise<Values> => {
      await gpu.answer()
      return arithmeticNamed('float32').answer(question)
    }
    return {
      name: 'gpu',
      adapter: { ...report, fallback: true, limits: {}, features: [] },
      answer,
      answerFused: answer,
      close: () => undefined,
    }
  },
}))

beforeEach(() => {
  for (const name of ['TOUCHSTONE_NO_GPU', 'TOUCHSTONE_ADAPTER', 'TOUCHSTONE_GPU_TIMEOUT'])
    delete process.env[name]
  gpu.open = () => Promise.resolve()
  gpu.answer = () => Promise.resolve()
})

/** Two equations of two cases each, probes besides. */
const verify = ['verify', '--equation', 'sparsifiner/eq1[12]', '--cases', '2']

describe('where there is no adapter', () => {
  const none = 'no adapter (system: none; swiftshader: none)'
  beforeEach(() => {
    gpu.open = () => Promise.reject(new GpuError(none))
  })

  test('`verify` says so and goes on', async () => {
    const { code, out, err } = await touchstone(...verify)
    expect(out).toContain(`\nnot-judged  gpu: ${none}\npass  float32: 2 equations`)
    expect(err).toBe('')
    expect(code).toBe(0)
  })

  test.each([
    ['gpu', []],
    ['run', ['case.safetensors', '--arithmetic', 'gpu', '-o', join(folder, 'x.safetensors')]],
    ['verify', ['--arithmetic', 'gpu']],
  ])('`%s` that needs one cannot be asked', async (command, args) => {
    const { code, out, err } = await touchstone(command, ...args)
    expect(err).toBe(`touchstone: expected a GPU, found ${none} ("touchstone gpu" tells what there is)\n`)
    expect(out).toBe('')
    expect(code).toBe(2)
  })
})

describe('a GPU that fails', () => {
  const memory = 'a tensor of 4294967296 bytes, where abacus has buffers of at most 1073741824'
  const once = (): void => {
    let asked = 0
    gpu.answer = () => (asked++ === 0 ? Promise.reject(new GpuError(memory)) : Promise.resolve())
  }

  test('at one question is judged by the others, and the exit code is 2', async () => {
    once()
    const { code, out } = await touchstone(...verify)
    expect(out).toMatch(
      /\nsparsifiner\/eq11 .+ error +– +pass .+\nsparsifiner\/eq12 .+ pass \S+ \S+ +– +pass /,
    )
    expect(out).toMatch(
      new RegExp(`\\nerror {2}gpu: \\d+ cases on abacus \\(beads\\)\\n {2}sparsifiner/eq11: ${memory}\\n`),
    )
    expect(out).toMatch(/\npass {2}float32: 2 equations, .+ laws held/)
    expect(code).toBe(2)
  })

  test('at one question, where it is all that is verified', async () => {
    once()
    const { code, out } = await touchstone(...verify, '--arithmetic', 'gpu')
    expect(out).toContain(`\n  sparsifiner/eq11: ${memory}\n`)
    expect(code).toBe(2)
    once()
    const { gpu: found } = JSON.parse((await touchstone(...verify, '--arithmetic', 'gpu', '--json', '-')).out)
    expect(found.troubles).toEqual([{ id: 'sparsifiner/eq11', message: memory }])
  })

  test('three times is left alone', async () => {
    let asked = 0
    gpu.answer = () => {
      asked++
      return Promise.reject(new GpuError('the device was lost: the driver was reset'))
    }
    const { code, out } = await touchstone(...verify)
    expect(asked).toBe(3)
    expect(out).toContain('\nerror  gpu: 0 cases on abacus (beads)\n')
    expect(out.match(/the device was lost/g)).toHaveLength(3)
    expect(code).toBe(2)
  })

  test('for no reason of its own is a bug of ours', async () => {
    gpu.answer = () => Promise.reject(new TypeError('undefined is not a function'))
    await expect(touchstone(...verify)).rejects.toThrow('undefined is not a function')
  })

  // last: a process that gave up a device does not ask it again
  test('to answer at all is left alone at once, and the rest goes on', async () => {
    let asked = 0
    gpu.answer = () => {
      asked++
      return watch('reading results', 0.05, new Promise(() => undefined))
    }
    const { code, out } = await touchstone(...verify)
    expect(asked).toBe(1)
    expect(deviceHung()).toBe(true)
    expect(out).toContain(
      'sparsifiner/eq11: reading results: no answer within 0.05 s, the device is given up\n',
    )
    expect(out).toMatch(/\npass {2}float32: 2 equations, .+ laws held/)
    expect(code).toBe(2)
  })
})
