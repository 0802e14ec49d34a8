import { createHash } from 'node:crypto'
import type { Device } from './device/device.ts'
import { GpuError, messageOf } from './errors.ts'
import { firstRunsOn, type FirstRun } from './first-run.ts'
import { COMPUTE_STAGE } from './flags.ts'
import { kernelSource, placeIn, type KernelSource, type ReadKernel } from './kernel-source.ts'
import type { Dispatch } from './program.ts'

/** A compiled kernel with some values of its constants. */
export interface Pipeline {
  readonly pipeline: GPUComputePipeline
  readonly layout: GPUBindGroupLayout
  /** Invocations in a workgroup. */
  readonly size: number
}

/** The device's compiled kernels, each compiled when it is first wanted. */
export interface Pipelines {
  get(dispatch: Pick<Dispatch, 'kernel' | 'constants'>): Promise<Pipeline>
  readonly compiled: number
}

/** What a device has compiled, by the hash of the source; whoever reads the same text gets the same. */
interface Compiled {
  readonly modules: Map<string, Promise<GPUShaderModule>>
  readonly pipelines: Map<string, Promise<Pipeline>>
  readonly layouts: Map<string, GPUBindGroupLayout>
  readonly firstRun: FirstRun
}

const compiledOn = new WeakMap<Device, Compiled>()

/** Compiles kernels on a device and keeps them by the hash of their source and their constants. */
export function pipelinesOf(device: Device, read: ReadKernel, size: number): Pipelines {
  const sources = new Map<string, KernelSource & { readonly hash: string }>()
  const known = compiledOn.get(device) ?? nothingOn(device)
  compiledOn.set(device, known)
  const { modules, pipelines, layouts, firstRun } = known

  const sourceOf = (kernel: string): KernelSource & { readonly hash: string } => {
    const kept = sources.get(kernel)
    if (kept !== undefined) return kept
    const source = kernelSource(kernel, read)
    const hashed = { ...source, hash: createHash('sha256').update(source.code).digest('hex') }
    sources.set(kernel, hashed)
    return hashed
  }
  const layoutOf = (written: readonly boolean[]): GPUBindGroupLayout => {
    const key = written.join()
    const layout = layouts.get(key) ?? createLayout(device.gpu, written)
    layouts.set(key, layout)
    return layout
  }
  return {
    get({ kernel, constants }) {
      const source = sourceOf(kernel)
      const complete = { size, ...constants }
      const key = `${source.hash} ${JSON.stringify(complete)}`
      const kept = pipelines.get(key)
      if (kept !== undefined) return kept
      const compiled = modules.get(source.hash) ?? compile(device, kernel, source)
      modules.set(source.hash, compiled)
      const created = create(device, kernel, compiled, layoutOf(source.written), complete)
      const pipeline = created.then(async (made) => {
        await firstRun(kernel, made, source.written)
        return made
      })
      pipelines.set(key, pipeline)
      return pipeline
    },
    get compiled() {
      return pipelines.size
    },
  }
}

function nothingOn(device: Device): Compiled {
  return { modules: new Map(), pipelines: new Map(), layouts: new Map(), firstRun: firstRunsOn(device) }
}

async function compile(device: Device, kernel: string, source: KernelSource): Promise<GPUShaderModule> {
  const { gpu } = device
  gpu.pushErrorScope('validation')
  const module = gpu.createShaderModule({ code: source.code, label: kernel })
  const failed = gpu.popErrorScope()
  const { messages } = await device.wait(`compiling ${kernel}`, module.getCompilationInfo())
  const error = messages.find(({ type }) => type === 'error')
  if (error !== undefined) {
    throw new GpuError(`${placeIn(source, error.lineNum, error.linePos)}: ${error.message.trim()}`)
  }
  const other = await failed
  if (other !== null) throw new GpuError(`gpu/kernels/${kernel}.wgsl: ${messageOf(other.message)}`)
  return module
}

async function create(
  device: Device,
  kernel: string,
  compiled: Promise<GPUShaderModule>,
  layout: GPUBindGroupLayout,
  constants: Readonly<Record<string, number>> & { readonly size: number },
): Promise<Pipeline> {
  const module = await compiled
  try {
    const pipeline = await device.wait(
      `compiling ${kernel}`,
      device.gpu.createComputePipelineAsync({
        label: kernel,
        layout: device.gpu.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, constants },
      }),
    )
    return { pipeline, layout, size: constants.size }
  } catch (error) {
    throw new GpuError(`gpu/kernels/${kernel}.wgsl: ${messageOf(error)}`, { cause: error })
  }
}

function createLayout(gpu: GPUDevice, written: readonly boolean[]): GPUBindGroupLayout {
  const storages = written.map((write, i) => ({
    binding: i + 1,
    visibility: COMPUTE_STAGE,
    buffer: { type: write ? ('storage' as const) : ('read-only-storage' as const) },
  }))
  return gpu.createBindGroupLayout({
    entries: [{ binding: 0, visibility: COMPUTE_STAGE, buffer: { type: 'uniform' } }, ...storages],
  })
}
