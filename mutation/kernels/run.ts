import { fork } from 'node:child_process'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { KERNEL_FORMS, type KernelForm } from '../../gpu/arithmetic/forms.ts'
import { OUTCOMES, type Task, type Tried } from './protocol.ts'

/**
 * Changes every kernel in one small place at a time and has `verify`'s questions answered by it.
 * `npm run mutation:kernels -- [part of a file's name] [--form scalar] [--cases 50] [--step 1] [--from 0]`.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    form: { type: 'string', default: 'scalar' },
    cases: { type: 'string', default: '50' },
    step: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
  },
})
const form = KERNEL_FORMS.find((one) => one === values.form)
if (form === undefined) {
  console.error(`mutation: --form: expected one of ${KERNEL_FORMS.join(', ')}, found "${values.form}"`)
  process.exit(2)
}

/** Silence after which a worker is ended; the first word comes after all that `verify` asks has been answered once. */
const PATIENCE_SECONDS = 300

const tried = await runAll(form)
console.log(tableOf(tried))

async function runAll(kernels: KernelForm): Promise<Tried[]> {
  const found: Tried[] = []
  const [step, cases] = [Number(values.step), Number(values.cases)]
  let from: number | undefined = Number(values.from)
  while (from !== undefined) {
    from = await runWorker({ form: kernels, filter: positionals[0] ?? '', from, step, cases }, (one) => {
      found.push(one)
      if (one.outcome !== 'killed' && one.outcome !== 'invalid') console.log(lineOf(one))
    })
  }
  return found
}

/** Runs a worker to its end; where it hangs, where to go on behind the mutant that it hung at. */
function runWorker(task: Task, say: (tried: Tried) => void): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const worker = fork(new URL('./worker.js', import.meta.url), [JSON.stringify(task)])
    let next = task.from
    let hung = false
    const end = (): void => {
      hung = true
      worker.kill('SIGKILL')
    }
    const giveUp = (): void => {
      console.error(`mutation: nothing was heard of mutant ${next}`)
      next += task.step
      end()
    }
    let timer = setTimeout(giveUp, PATIENCE_SECONDS * 1000)
    worker.on('message', (one: Tried) => {
      clearTimeout(timer)
      timer = setTimeout(giveUp, PATIENCE_SECONDS * 1000)
      next = one.index + task.step
      say(one)
      // what hung keeps the device
      if (one.outcome === 'timed out') end()
    })
    worker.on('error', reject)
    worker.on('exit', (code) => {
      clearTimeout(timer)
      if (hung) resolve(next)
      else if (code === 0) resolve(undefined)
      else
        reject(new Error(`mutation: a worker ended with exit code ${code} after mutant ${next - task.step}`))
    })
  })
}

function lineOf({ outcome, file, line, change }: Tried): string {
  return `${outcome}  gpu/kernels/${file}.wgsl:${line}  ${change}`
}

function tableOf(all: readonly Tried[]): string {
  const table = new Table({
    head: ['file', 'mutants', ...OUTCOMES, 'score'],
    style: { head: [], border: [] },
  })
  const row = (name: string, some: readonly Tried[]): void => {
    const counts = OUTCOMES.map((outcome) => some.filter((one) => one.outcome === outcome).length)
    const [killed, survived, late] = counts
    const score = (100 * (killed + late)) / Math.max(1, killed + survived + late)
    table.push([name, some.length, ...counts, `${score.toFixed(1)} %`])
  }
  for (const file of new Set(all.map((one) => one.file))) {
    const some = all.filter((one) => one.file === file)
    row(file, some)
  }
  row('all', all)
  return table.toString()
}
