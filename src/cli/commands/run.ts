import { Command } from 'commander'
import type { Value } from '../../../reference/evaluator.ts'
import { formatShape } from '../../../reference/tensor.ts'
import { EXACT, exactAnswers } from '../../arithmetics/exact.ts'
import { GPU, type GpuAnswerer } from '../../arithmetics/gpu.ts'
import { answerCounting, arithmeticNamed, arithmetics } from '../../arithmetics/index.ts'
import type { Question } from '../../cases/question.ts'
import { readCase } from '../../cases/read-case.ts'
import { readTensorFile, writeTensorFile } from '../../cases/tensor-files.ts'
import { withOutputs } from '../../cases/write-case.ts'
import { oneLine } from '../../errors.ts'
import { demandWritable, inFile } from '../../files.ts'
import { refuseIdle } from '../contradictions.ts'
import { adapterOption, demandGpu, GPU_CHOICE, gpuTimeoutOption, type GpuChoice } from '../gpu-options.ts'
import { allowNonFiniteOption, fileName, HELD } from '../options.ts'
import { paint, terminal } from '../terminal.ts'

interface Options extends GpuChoice {
  readonly output: string
  readonly arithmetic: string
  readonly intermediates?: boolean
  readonly fused?: boolean
  readonly allowNonFinite?: boolean
}

/** `touchstone run`: answers a case. */
export function runCommand(done: (code: number) => void): Command {
  const names = [...arithmetics.map(({ name }) => name), GPU, EXACT]
  return new Command('run')
    .description('answer a case: write the same file with its output.* filled in')
    .argument('<file>', 'the case, a .safetensors file')
    .requiredOption('-o, --output <file>', 'where to write the answer; may be the case itself', fileName)
    .option(
      '--arithmetic <name>',
      `one of ${names.join(', ')}; exact is for small shapes, simulated:accumulate=blocked:16,… plays a design`,
      'float32',
    )
    .option('--intermediates', 'also write every documented intermediate')
    .option('--fused', 'on the GPU: one kernel for each composite in which nothing lies that is written')
    .addOption(allowNonFiniteOption())
    .addOption(adapterOption())
    .addOption(gpuTimeoutOption())
    .action(async (file: string, options: Options, command: Command) => {
      const { arithmetic } = options
      if (arithmetic !== GPU) {
        const complaint = { expected: `--arithmetic ${GPU}`, found: `"${arithmetic}"` }
        refuseIdle(command, ['fused', ...GPU_CHOICE], complaint)
      }
      await answer(file, options)
      done(HELD)
    })
}

async function answer(path: string, options: Options): Promise<void> {
  const { output, arithmetic, intermediates = false, fused = false, allowNonFinite = false } = options
  demandWritable(output)
  const isWritten = (question: Question, name: string): boolean =>
    intermediates || question.equation.exposes[name].output === true
  const answerer =
    arithmetic === GPU
      ? onGpu(await demandGpu(options), fused ? isWritten : undefined)
      : answererNamed(arithmetic)
  try {
    const { file, question } = inFile(path, () => {
      const read = readTensorFile(path)
      return { file: read, question: readCase(read, { allowNonFinite }).question }
    })
    const { exposed, note = '' } = await inFile(path, () => answerer.answer(question))
    const kept = new Map([...exposed].filter(([name]) => isWritten(question, name)))
    const shapes = [...kept].map(([name, value]) => `${name} ${formatShape(shapeOf(value))}`).join(', ')
    writeTensorFile(output, withOutputs(file, kept))
    terminal.out(`${paint.bold(oneLine(output))}: ${question.equation.id} in ${arithmetic}: ${shapes}${note}`)
  } finally {
    answerer.close?.()
  }
}

/** An answer, and what the arithmetic has to say of it. */
interface Answered {
  readonly exposed: ReadonlyMap<string, Value>
  readonly note?: string
}

interface Answering {
  answer(question: Question): Answered | Promise<Answered>
  close?(): void
}

function answererNamed(name: string): Answering {
  if (name === EXACT) return { answer: (question) => ({ exposed: exactAnswers(question) }) }
  const chosen = arithmeticNamed(name, [GPU, EXACT])
  if (chosen.name !== 'float32') return { answer: (question) => ({ exposed: chosen.answer(question) }) }
  return {
    answer(question) {
      const { exposed, work } = answerCounting(question)
      return {
        exposed,
        note: work.multiplyAdds === 0 ? '' : `; ${work.multiplyAdds} sparse multiply-adds`,
      }
    },
  }
}

/** @param fusedFor what is wanted of a fused answer; left out, nothing is fused */
function onGpu(gpu: GpuAnswerer, fusedFor?: (question: Question, name: string) => boolean): Answering {
  return {
    answer: async (question) => ({
      exposed: await (fusedFor === undefined
        ? gpu.answer(question)
        : gpu.answerFused(question, (name) => fusedFor(question, name))),
      note: `; ${gpu.adapter.name} (${gpu.adapter.driver})`,
    }),
    close: () => gpu.close(),
  }
}

function shapeOf(value: Value): readonly number[] {
  return value.kind === 'dense' ? value.tensor.shape : value.mask.shape
}
