import { Command } from 'commander'
import { answerCounting, arithmeticNamed, arithmetics } from '../../arithmetics/index.ts'
import { readCase } from '../../cases/read-case.ts'
import { readTensorFile, writeTensorFile } from '../../cases/tensor-files.ts'
import { withOutputs } from '../../cases/write-case.ts'
import { formatShape } from '../../../reference/tensor.ts'
import { demandWritable, inFile } from '../../files.ts'
import { allowNonFiniteOption, HELD } from '../options.ts'
import { paint, terminal } from '../terminal.ts'

interface Options {
  readonly output: string
  readonly arithmetic: string
  readonly intermediates?: boolean
  readonly allowNonFinite?: boolean
}

/** `touchstone run`: answers a case. */
export function runCommand(done: (code: number) => void): Command {
  return new Command('run')
    .description('answer a case: write the same file with its output.* filled in')
    .argument('<file>', 'the case, a .safetensors file')
    .requiredOption('-o, --output <file>', 'where to write the answer; may be the case itself')
    .option('--arithmetic <name>', `one of ${arithmetics.map(({ name }) => name).join(', ')}`, 'float32')
    .option('--intermediates', 'also write every documented intermediate')
    .addOption(allowNonFiniteOption())
    .action((file: string, options: Options) => {
      answer(file, options)
      done(HELD)
    })
}

function answer(
  path: string,
  { output, arithmetic, intermediates = false, allowNonFinite = false }: Options,
): void {
  demandWritable(output)
  const chosen = arithmeticNamed(arithmetic)
  const { outputs, lines } = inFile(path, () => {
    const file = readTensorFile(path)
    const { question } = readCase(file, { allowNonFinite })
    const counted = chosen.name === 'float32' ? answerCounting(question) : undefined
    const exposed = counted?.exposed ?? chosen.answer(question)
    const kept = new Map(
      [...exposed].filter(([name]) => intermediates || question.equation.exposes[name].output === true),
    )
    const shapes = [...kept].map(([name, value]) => {
      const shape = value.kind === 'dense' ? value.tensor.shape : value.mask.shape
      return `${name} ${formatShape(shape)}`
    })
    const work =
      counted === undefined || counted.work.multiplyAdds === 0
        ? []
        : [`${counted.work.multiplyAdds} sparse multiply-adds`]
    return {
      outputs: withOutputs(file, kept),
      lines: [`${question.equation.id} in ${chosen.name}: ${shapes.join(', ')}`, ...work],
    }
  })
  writeTensorFile(output, outputs)
  terminal.out(`${paint.bold(output)}: ${lines.join('; ')}`)
}
