import { afterAll } from 'vitest'
import { GpuError, openGpu, type Gpu, type GpuOptions } from '../gpu/index.ts'

/** The GPU for the tests of one file, or why there is none; it is closed after them. */
export async function gpuForTests(options: GpuOptions = {}): Promise<Gpu | string> {
  try {
    const gpu = await openGpu({ adapter: process.env['TOUCHSTONE_ADAPTER'], ...options })
    afterAll(() => gpu.close())
    return gpu
  } catch (error) {
    if (error instanceof GpuError) return error.message
    throw error
  }
}
