import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openDevice, type Device } from '../gpu/device/device.ts'
import { executorOn } from '../gpu/executor.ts'
import { GpuError } from '../gpu/errors.ts'
import { kernelSource, readKernelFile } from '../gpu/kernel-source.ts'
import { recorder } from '../gpu/program.ts'

const folder = new URL('../gpu/kernels/', import.meta.url)
const kernels = readdirSync(folder)
  .map((file) => file.replace(/\.wgsl$/, ''))
  .filter((name) => readKernelFile(name).includes('fn main('))
const device = await openDevice({ adapter: process.env['TOUCHSTONE_ADAPTER'] }).catch((error: unknown) => {
  if (error instanceof GpuError) return error.message
  throw error
})

/** Words that no kernel writes by chance. */
const UNTOUCHED = 0xdeadbeef

describe.skipIf(typeof device === 'string')(`kernels run on nothing${saying(device)}`, () => {
  test.each(kernels)('%s leaves every storage as it was', async (kernel) => {
    if (typeof device === 'string') return
    const record = recorder()
    const { written } = kernelSource(kernel, readKernelFile)
    const storages = written.map(() => record.upload(new Uint32Array(64).fill(UNTOUCHED)))
    record.dispatch({ kernel, reads: [], uniform: new Array<number>(32).fill(0), workgroups: 2 }, storages)
    const scope = executorOn(device, readKernelFile, 64).open()
    const found = await scope.run(record.take(storages), storages)
    scope.close()
    for (const words of found) expect(new Set(new Uint32Array(words))).toEqual(new Set([UNTOUCHED]))
  })
})

function saying(there: Device | string): string {
  return typeof there === 'string' ? `: ${there}` : ''
}
