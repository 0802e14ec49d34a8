import {
  formsFor,
  KERNEL_FORMS,
  WORKGROUP_SIZE,
  type FormOptions,
  type KernelForm,
} from './arithmetic/forms.ts'
import type { DeviceOptions, AdapterReport } from './device/options.ts'
import { openDevice, type Device } from './device/device.ts'
import { GpuError } from './errors.ts'
import { executorOn } from './executor.ts'
import { QuestionError } from '../src/errors.ts'
import { readKernelFile, type ReadKernel } from './kernel-source.ts'
import { sessionIn, type GpuSession } from './session.ts'

export type { AdapterReport, DeviceOptions } from './device/options.ts'
export { deviceHung } from './device/watchdog.ts'
export { GpuError } from './errors.ts'
export type { GpuSession } from './session.ts'

const KERNELS_VARIABLE = 'TOUCHSTONE_GPU_KERNELS'

/**
 * `kernels`, when left out, is that of the environment's `TOUCHSTONE_GPU_KERNELS`, else `scalar` where the adapter says
 * that it stands in for a GPU, and `workgroup` on a GPU. `workgroupSize` is 64 when left out; no result of `scalar`
 * kernels depends on it.
 */
export interface GpuOptions extends DeviceOptions, FormOptions {
  /** Where kernels' texts come from, if not from their files: to plant a bug, or to instrument one. */
  readonly readKernel?: ReadKernel | undefined
}

/** A GPU to compute on, as long as there is one: where its device was lost, the next session gets a new one. */
export interface Gpu {
  readonly report: AdapterReport
  /**
   * A computation. With `fuse`, composites of which only the result is read are fused kernels; what is wanted must then be read at once.
   * @throws GpuError where the device was lost and there is no other, or the GPU was closed
   */
  session(options?: { readonly fuse?: boolean }): Promise<GpuSession>
  /** The same device with kernels of other texts; those that are as before are not compiled anew. */
  reading(readKernel: ReadKernel): Gpu
  /** What it holds at present. */
  usage(): { readonly bytes: number; readonly kernels: number }
  /** Gives up the device as if the system had taken it away; for tests of what happens then. */
  lose(): void
  close(): void
}

/**
 * Opens the system's GPU, or SwiftShader where there is none.
 * @throws GpuError that says what was tried
 * @throws QuestionError where the environment asks for a form of kernels that there is not
 */
export async function openGpu(options: GpuOptions = {}): Promise<Gpu> {
  const { readKernel = readKernelFile, workgroupSize = WORKGROUP_SIZE, tile, blocks } = options
  const kernels = options.kernels ?? kernelsOfEnvironment()
  let device = await openDevice(options)
  let next: Promise<Device> | undefined
  let closed = false
  const current = async (): Promise<Device> => {
    if (closed) throw new GpuError('the GPU was closed')
    if (device.gone === undefined) return device
    // one for all who ask at once
    next ??= openDevice(options).finally(() => {
      next = undefined
    })
    device = await next
    return device
  }
  const reading = (read: ReadKernel): Gpu => {
    let executor = executorOn(device, read, workgroupSize)
    return {
      get report() {
        return device.report
      },
      async session({ fuse = false } = {}) {
        await current()
        if (executor.device !== device) executor = executorOn(device, read, workgroupSize)
        return sessionIn(
          executor.open(),
          formsFor(device.report, { kernels, tile, blocks, workgroupSize }),
          fuse,
        )
      },
      reading,
      usage: () => ({ bytes: executor.bytes, kernels: executor.compiled }),
      lose: () => device.gpu.destroy(),
      close() {
        closed = true
        device.close()
      },
    }
  }
  return reading(readKernel)
}

/** Which form of kernels a device gets where none is asked for in `GpuOptions`, and why. */
export function kernelsFor(adapter: Pick<AdapterReport, 'fallback' | 'limits' | 'architecture'>): {
  readonly form: KernelForm
  readonly reason: string
} {
  const asked = kernelsOfEnvironment()
  const { kernels: form } = formsFor(adapter, { kernels: asked })
  if (asked !== undefined) return { form, reason: `asked for by ${KERNELS_VARIABLE}` }
  return { form, reason: adapter.fallback ? 'the adapter stands in for a GPU' : 'the adapter is a GPU' }
}

function kernelsOfEnvironment(): KernelForm | undefined {
  const asked = process.env[KERNELS_VARIABLE]
  if (asked === undefined || asked === '') return undefined
  const found = KERNEL_FORMS.find((form) => form === asked)
  if (found !== undefined) return found
  throw new QuestionError({
    tensor: KERNELS_VARIABLE,
    expected: `one of ${KERNEL_FORMS.join(', ')}`,
    found: asked,
  })
}
