import { GpuError, messageOf } from '../errors.ts'

/**
 * Every GPU object of this process, for as long as it lives. Dawn's entry object must not be collected while anything
 * made from it is in use: unpinned, runs crash or hang.
 */
const pinned: GPU[] = []

/**
 * An entry point of headless Dawn.
 * @param options Dawn's own: `backend=vulkan`, `adapter=NAME`
 * @throws GpuError where the optional package `webgpu` is not installed or does not load here
 */
export async function createGpu(options: readonly string[]): Promise<GPU> {
  let create: (options: string[]) => GPU
  try {
    ;({ create } = await import('webgpu'))
  } catch (error) {
    throw new GpuError(
      `the optional package webgpu is not there or does not load here: ${messageOf(error)}`,
      {
        cause: error,
      },
    )
  }
  const gpu = create([...options])
  pinned.push(gpu)
  return gpu
}
