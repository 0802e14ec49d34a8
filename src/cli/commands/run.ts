import { Command } from 'commander'
import type { Value } from '../../../reference/evaluator.ts'
import { formatShape } from '../../../reference/tensor.ts'
import { EXACT, exactAnswers } from '../../arithmetics/exact.ts'
import { answerCounting, arithmeticNamed, arithmetics } from '../../arithmetics/index.ts'
import type { Question } from '../../cases/question.ts'
import { readCase } from '../../cases/read-case.ts'
import { readTensorFile, writeTensorFile } from '../../cases/tensor-files.ts'
import { withOutputs } from '../../cases/write-case.ts'
import { oneLine } from '../../errors.ts'
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
  const names = [...arithmetics.map(({ name }) => name), EXACT]
  return new Command('run')
    .description('answer a case: write the same file with its output.* filled in')
    .argument('<file>', 'the case, a .safetensors file')
    .requiredOption('-o, --output <file>', 'where to write the answer; may be the case itself')
    .option(
      '--arithmetic <name>',
      `one of ${names.join(', ')}; exact is for small shapes, simulated:accumulate=blocked:16,… plays a design`,
      'float32',
    )
    .option('--intermediates', 'also write every documented intermediate')
    .addOption(allowNonFiniteOption())
    .action((file: string, options: Options) => {
      answer(file, options)
      done(HELD)
    })
}

function answer(path: string, options: Options): void {
  const { output, arithmetic, intermediates = false, allowNonFinite = false } = options
  demandWritable(output)
  const answerer = answererNamed(arithmetic)
  const { outputs, line } = inFile(path, () => {
    const file = readTensorFile(path)
    const { question } = readCase(file, { allowNonFinite })
    const { exposed, note } = answerer(question)
    const kept = new Map(
      [...exposed].filter(([name]) => intermediates || question.equation.exposes[name].output === true),
    )
    const shapes = [...kept].map(([name, value]) => `${name} ${formatShape(shapeOf(value))}`).join(', ')
    return {
      outputs: withOutputs(file, kept),
      line: `${question.equation.id} in ${arithmetic}: ${shapes}${note}`,
    }
  })
  writeTensorFile(output, outputs)
  terminal.out(`${paint.bold(oneLine(output))}: ${line}`)
}

/** How an arithmetic answers, and what it has to say of it. */
function answererNamed(
  name: string,
): (question: Question) => { exposed: ReadonlyMap<string, Value>; note: string } {
  if (name === EXACT) return (question) => ({ exposed: exactAnswers(question), note: '' })
  const chosen = arithmeticNamed(name, [EXACT])
  if (chosen.name !== 'float32') return (question) => ({ exposed: chosen.answer(question), note: '' })
  return (question) => {
    const { exposed, work } = answerCounting(question)
    return { exposed, note: work.multiplyAdds === 0 ? '' : `; ${work.multiplyAdds} sparse multiply-adds` }
  }
}

function shapeOf(value: Value): readonly number[] {
  return value.kind === 'dense' ? value.tensor.shape : value.mask.shape
}
