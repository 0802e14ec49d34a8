import type { Variant } from './arithmetic/index.ts'
import type { DeviceOptions, AdapterReport } from './device/options.ts'
import { openDevice } from './device/device.ts'
import { executorOn } from './executor.ts'
import { readKernelFile, type ReadKernel } from './kernel-source.ts'
import { sessionIn, type GpuSession } from './session.ts'

export type { AdapterReport, DeviceOptions } from './device/options.ts'
export { deviceHung } from './device/watchdog.ts'
export { GpuError } from './errors.ts'
export type { GpuSession } from './session.ts'

export interface GpuOptions extends DeviceOptions {
  /** Where kernels' texts come from, if not from their files: to plant a bug, or to instrument one. */
  readonly readKernel?: ReadKernel | undefined
  /** Invocations in a workgroup; 64 when left out. No result depends on it. */
  readonly workgroupSize?: number | undefined
  /** Which form of fused kernels; when left out, that for processors where the adapter says that it stands in for a GPU. */
  readonly variant?: Variant | undefined
}

/** A GPU to compute on, as long as there is one: where its device was lost, the next session gets a new one. */
export interface Gpu {
  readonly report: AdapterReport
  /**
   * A computation. With `fuse`, composites of which only the result is read are fused kernels; what is wanted must then be read at once.
   * @throws GpuError where the device was lost and there is no other
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
 */
export async function openGpu(options: GpuOptions = {}): Promise<Gpu> {
  const { readKernel = readKernelFile, workgroupSize = 64 } = options
  let device = await openDevice(options)
  const reading = (read: ReadKernel): Gpu => {
    let executor = executorOn(device, read, workgroupSize)
    return {
      get report() {
        return device.report
      },
      async session({ fuse = false } = {}) {
        if (device.gone !== undefined) device = await openDevice(options)
        if (executor.device !== device) executor = executorOn(device, read, workgroupSize)
        const variant = options.variant ?? (device.report.fallback ? 'processor' : 'gpu')
        return sessionIn(executor.open(), fuse ? variant : undefined)
      },
      reading,
      usage: () => ({ bytes: executor.bytes, kernels: executor.compiled }),
      lose: () => device.gpu.destroy(),
      close: () => device.close(),
    }
  }
  return reading(readKernel)
}
