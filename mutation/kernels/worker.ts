import { readdirSync } from 'node:fs'
import { GpuError, openGpu, type Gpu } from '../../gpu/index.ts'
import { readKernelFile } from '../../gpu/kernel-source.ts'
import { mutantsOf, type Mutant } from './mutants.ts'
import type { Outcome, Task, Tried } from './protocol.ts'
import { questionsOn, type Asked } from './questions.ts'

/** Tries mutants one after the other and tells its parent; a process of its own, since a shader that never ends ends none. */
const task: Task = JSON.parse(process.argv[2])
const gpu = await openGpu({
  kernels: task.form,
  adapter: process.env['TOUCHSTONE_ADAPTER'],
  timeoutSeconds: 60,
})
const questions = await questionsOn(gpu, task.cases)
const files = readdirSync(new URL('../../gpu/kernels/', import.meta.url))
  .map((file) => file.replace(/\.wgsl$/, ''))
  .filter((file) => file.includes(task.filter) && questions.some((asked) => asked.files.has(file)))
  .toSorted()
const mutants = files.flatMap((file) => mutantsOf(file, readKernelFile(file)))

for (let index = task.from; index < mutants.length; index += task.step) {
  const { file, line, from, to } = mutants[index]
  tell({ index, file, line, change: `${from} → ${to}`, ...(await fate(mutants[index])) })
}
process.disconnect()
process.exit()

async function fate(mutant: Mutant): Promise<{ outcome: Outcome; by?: string }> {
  const mutated = gpu.reading((name) => (name === mutant.file ? mutant.text : readKernelFile(name)))
  for (const asked of questions) {
    if (!asked.files.has(mutant.file)) continue
    const found = await verdictOn(mutated, asked)
    if (found !== undefined) return { outcome: found, by: asked.name }
  }
  return { outcome: 'survived' }
}

async function verdictOn(mutated: Gpu, asked: Asked): Promise<Outcome | undefined> {
  try {
    return (await asked.passes(mutated)) ? undefined : 'killed'
  } catch (error) {
    if (!(error instanceof GpuError)) throw error
    return /^gpu\/kernels\/.+\.wgsl/.test(error.message) ? 'invalid' : 'timed out'
  }
}

function tell(tried: Tried): void {
  process.send?.(tried)
}
