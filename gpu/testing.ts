import { GpuError, openGpu } from './index.ts'

/** Whether a GPU can be opened here. */
export async function hasGpu(): Promise<boolean> {
  try {
    const gpu = await openGpu()
    gpu.close()
    return true
  } catch (error) {
    if (error instanceof GpuError) return false
    throw error
  }
}
