import type { Device } from './device/device.ts'
import { GpuError, messageOf } from './errors.ts'
import { STORAGE_USAGE, UNIFORM_USAGE } from './flags.ts'
import type { Pipeline } from './pipelines.ts'

/** Runs a kernel for the first time. `written`: whether each storage binding is. */
export type FirstRun = (kernel: string, pipeline: Pipeline, written: readonly boolean[]) => Promise<void>

/** Room for the uniform and for each storage; no device asks bindings to start at multiples of more. */
const ROOM = 256

/**
 * First runs on nothing: a uniform of zeros is no work, and every kernel returns from it at once. Mesa compiles a kernel when it is
 * first run, and takes ten seconds and more over the largest; in the middle of an answer that would count as one that never comes.
 * One after the other, so that each has the device's time for itself.
 */
export function firstRunsOn(device: Device): FirstRun {
  const { gpu } = device
  let before: Promise<unknown> = Promise.resolve()

  const run = async (kernel: string, { pipeline, layout }: Pipeline, written: readonly boolean[]) => {
    const uniform = gpu.createBuffer({ size: ROOM, usage: UNIFORM_USAGE })
    // what is read and what is written may not share a buffer
    const [read, write] = [0, 1].map(() =>
      gpu.createBuffer({ size: ROOM * Math.max(written.length, 1), usage: STORAGE_USAGE }),
    )
    const entries = written.map((isWritten, i) => ({
      binding: i + 1,
      resource: { buffer: isWritten ? write : read, offset: ROOM * i, size: ROOM },
    }))
    gpu.pushErrorScope('internal')
    gpu.pushErrorScope('validation')
    const encoder = gpu.createCommandEncoder()
    const pass = encoder.beginComputePass()
    pass.setPipeline(pipeline)
    const bound = [{ binding: 0, resource: { buffer: uniform, size: ROOM } }, ...entries]
    pass.setBindGroup(0, gpu.createBindGroup({ layout, entries: bound }))
    pass.dispatchWorkgroups(1)
    pass.end()
    gpu.queue.submit([encoder.finish()])
    const errors = [gpu.popErrorScope(), gpu.popErrorScope()]
    try {
      await device.wait(`compiling ${kernel}`, gpu.queue.onSubmittedWorkDone())
      const error = (await Promise.all(errors)).find((found) => found !== null)
      if (error) throw new GpuError(`gpu/kernels/${kernel}.wgsl: ${messageOf(error.message)}`)
    } finally {
      for (const buffer of [uniform, read, write]) buffer.destroy()
    }
  }
  return (kernel, pipeline, written) => {
    const done = before.then(() => run(kernel, pipeline, written))
    before = done.catch(() => undefined)
    return done
  }
}
