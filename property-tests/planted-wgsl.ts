import { expect } from 'vitest'
import { readKernelFile, type ReadKernel } from '../gpu/kernel-source.ts'

/** The kernels with one place changed; it must be there exactly once. */
export function planted(kernel: string, from: string, to: string): ReadKernel {
  return (name) => {
    const text = readKernelFile(name)
    if (name !== kernel) return text
    expect(text.split(from), `${from} in ${kernel}.wgsl`).toHaveLength(2)
    return text.replace(from, to)
  }
}
