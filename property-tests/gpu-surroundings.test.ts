import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type * as dawn from '../gpu/device/dawn.ts'
import { provideLoader, systemHasVulkan } from '../gpu/device/vulkan-loader.ts'
import { GpuError, openGpu, type Gpu } from '../gpu/index.ts'
import { readKernelFile } from '../gpu/kernel-source.ts'
import { tensor } from '../reference/tensor.ts'
import { gpuForTests } from './gpu.ts'

/** What Dawn's objects are disguised as. */
const disguises = vi.hoisted(() => ({
  adapter: (real: GPUAdapter | null): GPUAdapter | null => real,
  device: (real: GPUDevice): GPUDevice => real,
}))

/** An object with some of its members others. */
function disguised<T extends object>(real: T, members: Partial<T>): T {
  return new Proxy(real, {
    get(target, key) {
      if (Reflect.has(members, key)) return Reflect.get(members, key)
      const member: unknown = Reflect.get(target, key)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

vi.mock('../gpu/device/dawn.ts', async (importOriginal) => {
  const { createGpu } = await importOriginal<typeof dawn>()
  return {
    async createGpu(options: readonly string[]) {
      const real = await createGpu(options)
      return disguised(real, {
        async requestAdapter(wanted) {
          const adapter = await real.requestAdapter(wanted)
          const withDevice =
            adapter &&
            disguised(adapter, {
              requestDevice: async (descriptor) => disguises.device(await adapter.requestDevice(descriptor)),
            })
          return disguises.adapter(withDevice)
        },
      })
    },
  }
})

const plain = { ...disguises }
beforeEach(() => void Object.assign(disguises, plain))
afterEach(() => void vi.restoreAllMocks())

const adapter = process.env['TOUCHSTONE_ADAPTER']
/** Of a buffer that WebGPU refuses to make: it can be mapped both ways. */
const NO_USAGE = 0x03
const first = await gpuForTests()
const there = typeof first !== 'string'

/** Doubles so many ones, and says what becomes of them. */
async function doubled(gpu: Gpu, count = 1): Promise<number> {
  const session = await gpu.session()
  try {
    const x = session.dense(tensor(new Float32Array(count).fill(1), [count]))
    const [value] = await session.read([{ kind: 'dense', x: session.rules.scale(x, 2) }])
    return value.kind === 'dense' ? value.tensor.data[count - 1] : NaN
  } finally {
    session.close()
  }
}

/** Why it failed, which must be one line of a `GpuError`. */
async function complaint(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => 'nothing went wrong',
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(GpuError)
  const message = error instanceof GpuError ? error.message : ''
  expect(message).not.toContain('\n')
  return message
}

describe('no GPU', () => {
  test('no adapter anywhere', async () => {
    disguises.adapter = () => null
    expect(await complaint(openGpu())).toMatch(/^no adapter \(system: .+; swiftshader: .+\)$/)
    expect(await complaint(openGpu({ adapter: 'system' }))).toMatch(/^no "system" adapter \(system: .+\)$/)
  })

  test('no Vulkan loader: the system has no GPU, and the loader from the package is taken', () => {
    const dlopen = vi.spyOn(process, 'dlopen').mockImplementation((_, name) => {
      throw new Error(`${name}: cannot open shared object file`)
    })
    expect(systemHasVulkan()).toBe(false)
    provideLoader('/there/libvulkan.so.1')
    expect(dlopen.mock.calls.map(([, name]) => name)).toContain('/there/libvulkan.so.1')
  })

  test('a loader, and no driver', () => {
    vi.spyOn(process, 'dlopen').mockReturnValue(undefined)
    vi.stubEnv('VK_DRIVER_FILES', '/nowhere/driver.json')
    vi.stubEnv('VK_ADD_DRIVER_FILES', '')
    expect(systemHasVulkan()).toBe(false)
    vi.stubEnv('VK_DRIVER_FILES', import.meta.filename)
    expect(systemHasVulkan()).toBe(true)
    vi.unstubAllEnvs()
  })
})

describe.skipIf(!there)(`a GPU in bad surroundings${there ? '' : `: ${first}`}`, () => {
  test('an adapter that promises more than it gives', async () => {
    disguises.adapter = (real) =>
      real && disguised(real, { limits: disguised(real.limits, { maxBufferSize: 2 ** 50 }) })
    expect(await complaint(openGpu({ adapter }))).toMatch(/ gives no device: .*maxBufferSize/)
  })

  test('a device that promises more workgroups than it runs', async () => {
    disguises.device = (real) =>
      disguised(real, {
        limits: disguised(real.limits, { maxComputeWorkgroupsPerDimension: 2 ** 30 }),
      })
    const gpu = await openGpu({ adapter })
    expect(await complaint(doubled(gpu, 65_536 * 64))).toMatch(/dispatch/i)
    expect(await doubled(gpu)).toBe(2)
    gpu.close()
  })

  test('no memory, in the driver’s own words; what needs less goes on', async () => {
    let memory = false
    disguises.device = (real) => {
      const filters: GPUErrorFilter[] = []
      return disguised(real, {
        pushErrorScope(filter) {
          filters.push(filter)
          return real.pushErrorScope(filter)
        },
        async popErrorScope() {
          const filter = filters.pop()
          const error = await real.popErrorScope()
          return filter === 'out-of-memory' && !memory
            ? Object.assign(new Error(), { message: 'vkAllocateMemory:\n out of memory' })
            : error
        },
      })
    }
    const gpu = await openGpu({ adapter })
    expect(await complaint(doubled(gpu))).toBe('vkAllocateMemory: out of memory')
    memory = true
    expect(await doubled(gpu)).toBe(2)
    gpu.close()
  })

  test('buffers that there was no memory for are nobody’s afterwards', async () => {
    let memory = true
    disguises.device = (real) =>
      disguised(real, {
        // what Dawn gives where there is no memory: a buffer that nothing can be done with
        createBuffer: (wanted) =>
          real.createBuffer(memory || wanted.size < 4096 ? wanted : { ...wanted, usage: NO_USAGE }),
      })
    const gpu = await openGpu({ adapter })
    expect(await doubled(gpu)).toBe(2)
    const { bytes } = gpu.usage()
    memory = false
    for (let i = 0; i < 2; i++) expect(await complaint(doubled(gpu, 1024))).not.toBe('')
    expect(gpu.usage().bytes).toBeLessThanOrEqual(bytes)
    memory = true
    expect(await doubled(gpu, 1024)).toBe(2)
    gpu.close()
  })

  test('what a failed reading was to compute is not read for it later', async () => {
    let memory = true
    disguises.device = (real) =>
      disguised(real, {
        createBuffer: (wanted) => real.createBuffer(memory ? wanted : { ...wanted, usage: NO_USAGE }),
      })
    const gpu = await openGpu({ adapter })
    const session = await gpu.session()
    const x = session.rules.scale(session.dense(tensor(Float32Array.of(1), [1])), 2)
    memory = false
    await complaint(session.read([{ kind: 'dense', x }]))
    memory = true
    expect(await complaint(session.read([{ kind: 'dense', x }]))).toMatch(/failed in this computation before/)
    session.close()
    gpu.close()
  })

  test('a device that the driver resets: whoever waits hears of it, and the next call gets another', async () => {
    let reset = (): void => undefined
    disguises.device = (real) =>
      disguised(real, {
        lost: new Promise((resolve) => {
          reset = () =>
            resolve(disguised(Object.create(null), { reason: 'unknown', message: 'the driver was reset' }))
        }),
      })
    const gpu = await openGpu({ adapter, readKernel: slowly })
    disguises.device = plain.device
    // compiled by then, so that it is lost in the middle of its work
    expect(await doubled(gpu)).toBe(2)
    const answer = complaint(doubled(gpu))
    setTimeout(reset, 20)
    expect(await answer).toBe('the device was lost: the driver was reset')
    expect(await doubled(gpu)).toBe(2)
    gpu.close()
  })

  test('two that ask at once after a loss get the same device', async () => {
    const gpu = await openGpu({ adapter })
    expect(await doubled(gpu)).toBe(2)
    gpu.lose()
    await complaint(doubled(gpu))
    let devices = 0
    disguises.device = (real) => (devices++, real)
    expect(await Promise.all([doubled(gpu), doubled(gpu)])).toEqual([2, 2])
    expect(devices).toBe(1)
    gpu.close()
  })

  test('a driver that never gives its device', async () => {
    disguises.adapter = (real) =>
      real && disguised(real, { requestDevice: () => new Promise<GPUDevice>(() => undefined) })
    expect(await complaint(openGpu({ adapter, timeoutSeconds: 0.1 }))).toBe(
      'opening a device: no answer within 0.1 s, the device is given up',
    )
  })

  test('a device given up while it computes', async () => {
    const gpu = await openGpu({ adapter, readKernel: slowly })
    expect(await doubled(gpu)).toBe(2)
    const answer = complaint(doubled(gpu))
    setTimeout(() => gpu.lose(), 20)
    expect(await answer).toBe('the device was closed')
    expect(await doubled(gpu)).toBe(2)
    gpu.close()
  })
})

/** Scaling that takes a good part of a second. */
function slowly(name: string): string {
  const text = readKernelFile(name)
  if (name !== 'scale') return text
  const loop = 'var k = 1u; for (var n = 0u; n < 10000000u; n++) { k = k * 5u + 1u; }'
  return text.replace(
    'y[i] = x[i] * shape.factor;',
    `${loop} y[i] = x[i] * shape.factor + select(0.0, 1.0, k == 0u);`,
  )
}
