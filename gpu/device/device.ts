import { GpuError, messageOf } from '../errors.ts'
import { findAdapter } from './adapter.ts'
import type { AdapterReport, DeviceOptions, Source } from './options.ts'
import { NoAnswer, watch } from './watchdog.ts'

export interface Device {
  readonly report: AdapterReport
  readonly gpu: GPUDevice
  /** Why it can no longer be used, once it cannot. */
  readonly gone: string | undefined
  /**
   * Waits for an answer of the device.
   * @throws GpuError where the device is lost or does not answer in time; it is given up then
   */
  wait<T>(what: string, answer: Promise<T>): Promise<T>
  /** Gives the device back. */
  close(): void
}

const TIMEOUT_SECONDS = 30

/** What the kernels need more of than WebGPU guarantees: as much as the adapter has. */
const RAISED = ['maxBufferSize', 'maxStorageBufferBindingSize', 'maxComputeWorkgroupStorageSize'] as const

/** What a report says of the limits. */
const REPORTED = [
  ...RAISED,
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBuffersPerShaderStage',
] as const

/**
 * Opens a device on an adapter of its own.
 * @throws GpuError where there is no adapter, or it gives no device
 */
export async function openDevice(options: DeviceOptions = {}): Promise<Device> {
  const { adapter: wanted, timeoutSeconds = TIMEOUT_SECONDS } = options
  const { source, adapter } = await watch('finding an adapter', timeoutSeconds, findAdapter(wanted))
  const { limits } = adapter
  const requested = request(adapter, {
    requiredLimits: Object.fromEntries(RAISED.map((name) => [name, limits[name]])),
  })
  const gpu = await watch('opening a device', timeoutSeconds, requested)
  let gone: string | undefined
  let stuck = false
  // those who wait, to hear of it; a promise that all wait for would keep what each has waited for
  const waiting = new Set<{ hear(error: GpuError): void }>()
  const tellLoss = async (): Promise<void> => {
    const { reason, message } = await gpu.lost
    gone ??= reason === 'destroyed' ? 'the device was closed' : `the device was lost: ${message}`
    for (const one of waiting) one.hear(new GpuError(gone))
  }
  void tellLoss()
  return {
    report: reportOf(source, adapter),
    gpu,
    get gone() {
      return gone
    },
    async wait(what, answer) {
      if (gone !== undefined) throw new GpuError(gone)
      const listener = { hear: (error: GpuError): void => void error }
      const lost = new Promise<never>((_, reject) => {
        listener.hear = reject
      })
      waiting.add(listener)
      try {
        return await Promise.race([watch(what, timeoutSeconds, answer), lost])
      } catch (error) {
        if (error instanceof GpuError) gone ??= error.message
        stuck ||= error instanceof NoAnswer
        // a map that fails because the device goes says less than the device does
        await Promise.race([lost, Promise.resolve()])
        throw error instanceof GpuError
          ? error
          : new GpuError(`${what}: ${messageOf(error)}`, { cause: error })
      } finally {
        waiting.delete(listener)
      }
    },
    close() {
      gone ??= 'the device was closed'
      // destroying waits for what hangs
      if (!stuck) gpu.destroy()
    },
  }
}

async function request(adapter: GPUAdapter, descriptor: GPUDeviceDescriptor): Promise<GPUDevice> {
  try {
    return await adapter.requestDevice(descriptor)
  } catch (error) {
    throw new GpuError(`${adapter.info.device} gives no device: ${messageOf(error)}`, { cause: error })
  }
}

function reportOf(source: Source, { info, limits, features }: GPUAdapter): AdapterReport {
  return {
    name: info.device.replace(/-+$/, '') || info.architecture || 'unnamed',
    vendor: info.vendor,
    architecture: info.architecture,
    driver: info.description,
    source,
    fallback: info.isFallbackAdapter,
    limits: Object.fromEntries(REPORTED.map((name) => [name, limits[name]])),
    features: [...features].toSorted(),
  }
}
