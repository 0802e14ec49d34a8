import { bufferPool, type BufferPool } from './buffer-pool.ts'
import type { Device } from './device/device.ts'
import { GpuError, messageOf } from './errors.ts'
import { MAP_READ, READBACK_USAGE, STORAGE_USAGE, UNIFORM_USAGE } from './flags.ts'
import type { ReadKernel } from './kernel-source.ts'
import { pipelinesOf, type Pipeline } from './pipelines.ts'
import type { Dispatch, Program, Storage } from './program.ts'

/** Runs programs on a device. */
export interface Executor {
  readonly device: Device
  /** A scope: storages of its programs live until it is closed. */
  open(): Scope
  /** Bytes of all buffers on the device. */
  readonly bytes: number
  /** Kernels compiled so far. */
  readonly compiled: number
}

export interface Scope {
  /**
   * Runs a program in one submit, and brings the words of `reads` back.
   * @throws GpuError where a kernel does not compile, or the device fails; from then on also whatever is run in this scope,
   * since what the failed program was to write is not there
   */
  run(program: Program, reads: readonly Storage[]): Promise<ArrayBuffer[]>
  /** Gives the buffers back to the pool; after a failure to nobody. */
  close(): void
}

/** Uniforms stand at multiples of this in their common buffer: no device asks for more. */
const UNIFORM_STRIDE = 256

export function executorOn(device: Device, read: ReadKernel, workgroupSize: number): Executor {
  const { gpu } = device
  const storages = bufferPool(gpu, STORAGE_USAGE)
  const uniforms = bufferPool(gpu, UNIFORM_USAGE)
  const readbacks = bufferPool(gpu, READBACK_USAGE)
  const pipelines = pipelinesOf(device, read, workgroupSize)

  const open = (): Scope => {
    const buffers = new Map<number, GPUBuffer>()
    const bufferOf = ({ id, words }: Storage): GPUBuffer => {
      const buffer = buffers.get(id) ?? storages.take(fitting(device, words * 4))
      buffers.set(id, buffer)
      return buffer
    }
    let failed = false
    /** The uniforms and what is read back, of one run alone. */
    type Aside = (readonly [pool: BufferPool, buffer: GPUBuffer])[]
    const takeAside = (aside: Aside, pool: BufferPool, bytes: number): GPUBuffer => {
      const buffer = pool.take(Math.max(4, bytes))
      aside.push([pool, buffer])
      return buffer
    }
    const submit = (
      program: Program,
      ready: readonly Pipeline[],
      reads: readonly Storage[],
      aside: Aside,
    ): GPUBuffer => {
      for (const { storage, data } of program.uploads) {
        // a copy: Dawn crashes on memory that threads share
        gpu.queue.writeBuffer(bufferOf(storage), 0, data.slice())
      }
      const { words, offsets } = packUniforms(program.dispatches)
      const uniform = takeAside(aside, uniforms, words.byteLength)
      gpu.queue.writeBuffer(uniform, 0, words)
      const encoder = gpu.createCommandEncoder()
      const pass = encoder.beginComputePass()
      for (const [i, dispatch] of program.dispatches.entries()) {
        const { pipeline, layout, size } = ready[i]
        const entries = dispatch.bindings.map((storage, b) => ({
          binding: b + 1,
          // whole vec4s, as some kernels read them
          resource: { buffer: bufferOf(storage), size: Math.max(Math.ceil(storage.words / 4), 1) * 16 },
        }))
        const resource = { buffer: uniform, offset: offsets[i].at, size: offsets[i].bytes }
        pass.setPipeline(pipeline)
        pass.setBindGroup(0, gpu.createBindGroup({ layout, entries: [{ binding: 0, resource }, ...entries] }))
        const count = 'workgroups' in dispatch ? dispatch.workgroups : Math.ceil(dispatch.invocations / size)
        pass.dispatchWorkgroups(...workgroups(device, count))
      }
      pass.end()
      const readback = takeAside(aside, readbacks, bytesOf(reads))
      let at = 0
      for (const storage of reads) {
        if (storage.words > 0)
          encoder.copyBufferToBuffer(bufferOf(storage), 0, readback, at, storage.words * 4)
        at += storage.words * 4
      }
      gpu.queue.submit([encoder.finish()])
      return readback
    }
    const computed = async (
      program: Program,
      reads: readonly Storage[],
      aside: Aside,
    ): Promise<ArrayBuffer[]> => {
      const ready = await Promise.all(program.dispatches.map((dispatch) => pipelines.get(dispatch)))
      if (device.gone !== undefined) throw new GpuError(device.gone)
      const readback = await scoped(device, () => submit(program, ready, reads, aside))
      const bytes = Math.max(4, bytesOf(reads))
      await device.wait('reading results', readback.mapAsync(MAP_READ, 0, bytes))
      const whole = readback.getMappedRange(0, bytes).slice(0)
      readback.unmap()
      let at = 0
      return reads.map(({ words }) => {
        at += words * 4
        return whole.slice(at - words * 4, at)
      })
    }
    return {
      async run(program, reads) {
        if (failed) throw new GpuError('something failed in this computation before')
        const aside: Aside = []
        try {
          const found = await computed(program, reads, aside)
          for (const [pool, buffer] of aside) pool.give(buffer)
          return found
        } catch (error) {
          failed = true
          for (const [pool, buffer] of aside) pool.drop(buffer)
          throw error
        }
      },
      close() {
        for (const buffer of buffers.values()) {
          if (failed) storages.drop(buffer)
          else storages.give(buffer)
        }
        buffers.clear()
      },
    }
  }
  return {
    device,
    open,
    get bytes() {
      return storages.bytes + uniforms.bytes + readbacks.bytes
    },
    get compiled() {
      return pipelines.compiled
    },
  }
}

function fitting({ report }: Device, bytes: number): number {
  const most = Math.min(report.limits['maxBufferSize'], report.limits['maxStorageBufferBindingSize'])
  if (bytes <= most) return bytes
  throw new GpuError(`a tensor of ${bytes} bytes, where ${report.name} has buffers of at most ${most}`)
}

/** Does `body` and waits for what the device has to say against it. */
async function scoped<T>(device: Device, body: () => T): Promise<T> {
  const filters = ['validation', 'out-of-memory', 'internal'] as const
  for (const filter of filters) device.gpu.pushErrorScope(filter)
  let result: T
  const popped = []
  try {
    result = body()
  } finally {
    for (const _ of filters) popped.push(device.gpu.popErrorScope())
  }
  for (const error of await device.wait('submitting', Promise.all(popped))) {
    if (error !== null) throw new GpuError(messageOf(error.message))
  }
  return result
}

function packUniforms(dispatches: readonly Dispatch[]): {
  words: Uint32Array<ArrayBuffer>
  offsets: readonly { at: number; bytes: number }[]
} {
  let end = 0
  const offsets = dispatches.map(({ uniform }) => {
    // structs are padded to sixteen bytes
    const bytes = Math.max(16, Math.ceil(uniform.length / 4) * 16)
    const at = end
    end += Math.ceil(bytes / UNIFORM_STRIDE) * UNIFORM_STRIDE
    return { at, bytes }
  })
  const words = new Uint32Array(end / 4)
  for (const [i, { uniform }] of dispatches.entries()) words.set(uniform, offsets[i].at / 4)
  return { words, offsets }
}

/** As many workgroups, along two axes where one does not hold them; kernels pass over what is beyond. */
function workgroups({ gpu }: Device, count: number): [number, number] {
  const most = gpu.limits.maxComputeWorkgroupsPerDimension
  const rows = Math.ceil(count / most)
  return [Math.ceil(count / rows), rows]
}

function bytesOf(storages: readonly Storage[]): number {
  return storages.reduce((sum, { words }) => sum + words * 4, 0)
}
