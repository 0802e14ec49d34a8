import { describe, expect, test } from 'vitest'
import { GpuError, openGpu, type Gpu } from '../gpu/index.ts'
import { readKernelFile } from '../gpu/kernel-source.ts'
import { tensor } from '../reference/tensor.ts'
import { findEquation } from '../src/cases/names.ts'
import { sample } from '../src/catalogue/sample.ts'
import { gpuForTests } from './gpu.ts'
import { answerOn } from './gpu-lab.ts'

const gpu = await gpuForTests()
const there = typeof gpu !== 'string'
const adapter = process.env['TOUCHSTONE_ADAPTER']
const question = sample(findEquation('stvit/eq3'), 1)

/** Doubles a number `times` times on the device, in one submit. */
async function doubled(device: Gpu, times: number): Promise<number> {
  const session = await device.session()
  try {
    let x = session.dense(tensor(Float32Array.of(1), [1]))
    for (let i = 0; i < times; i++) x = session.rules.scale(x, i % 2 === 0 ? 2 : 0.5)
    const [value] = await session.read([{ kind: 'dense', x }])
    return value.kind === 'dense' ? value.tensor.data[0] : NaN
  } finally {
    session.close()
  }
}

describe.skipIf(!there)(`a device${there ? '' : `: ${gpu}`}`, () => {
  test('says what it is', () => {
    if (!there) return
    const { name, driver, source, limits, features } = gpu.report
    expect(name).not.toBe('')
    expect(driver).not.toBe('')
    expect(['system', 'swiftshader']).toContain(source)
    expect(limits['maxStorageBufferBindingSize']).toBeGreaterThanOrEqual(2 ** 27)
    expect(features).toContain('core-features-and-limits')
  })

  test('that is lost rejects what waits for it, and the next call gets another', async () => {
    const device = await openGpu({ adapter })
    const before = await answerOn(device, question)
    const session = await device.session()
    device.lose()
    const x = session.dense(tensor(Float32Array.of(1), [1]))
    await expect(session.read([{ kind: 'dense', x }])).rejects.toThrow(GpuError)
    session.close()
    expect(await answerOn(device, question)).toEqual(before)
    device.close()
  })

  test('may be one of two', async () => {
    if (!there) return
    const other = await openGpu({ adapter })
    const [here, beside] = await Promise.all([answerOn(gpu, question), answerOn(other, question)])
    expect(here).toEqual(beside)
    other.close()
    expect(await answerOn(gpu, question)).toEqual(here)
  })

  test('holds no more memory after 5,000 dispatches', async () => {
    if (!there) return
    const rounds = 50
    await doubled(gpu, 100)
    const { bytes } = gpu.usage()
    for (let i = 0; i < rounds; i++) expect(await doubled(gpu, 100)).toBe(1)
    expect(gpu.usage().bytes).toBe(bytes)
  })

  test('runs out of memory in a sentence', async () => {
    if (!there) return
    const session = await gpu.session()
    const x = session.dense(tensor(new Float32Array(1), [1, 1]))
    // 2 GiB of copies of one number: nobody's buffers are that large
    let row = session.rules.concat([x, x], 0)
    for (let i = 0; i < 28; i++) row = session.rules.concat([row, row], 0)
    await expect(session.read([{ kind: 'dense', x: row }])).rejects.toThrow(
      /a tensor of \d+ bytes, where .* has buffers of at most \d+/,
    )
    session.close()
    expect(await doubled(gpu, 2)).toBe(1)
  })

  test('that does not answer in time is given up, and the next call gets another', async () => {
    const slow = (name: string): string => {
      const text = readKernelFile(name)
      return name === 'scale'
        ? text.replace(
            'y[i] = x[i] * shape.factor;',
            'var k = 1u; for (var n = 0u; n < 100000000u; n++) { k = k * 5u + bitcast<u32>(x[i]); } y[i] = f32(k);',
          )
        : text
    }
    const device = await openGpu({ adapter, timeoutSeconds: 0.2, readKernel: slow })
    await expect(doubled(device, 1)).rejects.toThrow(
      'reading results: no answer within 0.2 s, the device is given up',
    )
    device.close()
  })

  test('that was closed gives no session, and opens nothing', async () => {
    const device = await openGpu({ adapter })
    device.close()
    await expect(device.session()).rejects.toThrow('the GPU was closed')
  })

  test('that takes too long over a kernel on nothing is said to compile it', async () => {
    const slow = (name: string): string =>
      name === 'scale'
        ? readKernelFile(name).replace(
            'if (i >= shape.count) { return; }',
            'var k = 1u; for (var n = 0u; n < 100000000u; n++) { k = k * 5u + 1u; } if (i + k >= shape.count) { return; }',
          )
        : readKernelFile(name)
    const device = await openGpu({ adapter, timeoutSeconds: 0.2, readKernel: slow })
    await expect(doubled(device, 1)).rejects.toThrow('compiling scale: no answer within 0.2 s')
    device.close()
  })
})
