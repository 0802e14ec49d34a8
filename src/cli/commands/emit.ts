import { Command } from 'commander'
import { sample } from '../../catalogue/sample.ts'
import { findEquation } from '../../cases/names.ts'
import { writeTensorFile } from '../../cases/tensor-files.ts'
import { writeCase } from '../../cases/write-case.ts'
import { oneLine } from '../../errors.ts'
import { demandWritable } from '../../files.ts'
import { version } from '../../version.ts'
import { HELD, seedOption } from '../options.ts'
import { readSampling, type SamplingTexts } from '../sampling-options.ts'
import { paint, terminal } from '../terminal.ts'

interface Options extends SamplingTexts {
  readonly output: string
  readonly seed: number
}

/** `touchstone emit`: writes a new question for a runtime to answer. */
export function emitCommand(done: (code: number) => void): Command {
  return new Command('emit')
    .description('write a new question for a runtime to answer')
    .argument('<id>', 'the equation, for example stvit/eq2; "touchstone list" shows all')
    .requiredOption('-o, --output <file>', 'where to write the case')
    .option('--config <json>', 'config keys to use; without it the options are drawn too')
    .option('--sizes <json>', 'extents to use, by symbol: \'{"Ns": 16, "Ni": 196, "C": 384}\'')
    .option('--batch <json>', 'leading dimensions to use: "[2]" or "[]"')
    .addOption(seedOption())
    .action((id: string, options: Options) => {
      const equation = findEquation(id, 'id')
      demandWritable(options.output)
      const question = sample(equation, options.seed, readSampling(equation, options))
      const metadata = new Map([
        ['source', `touchstone emit ${version}`],
        ['seed', String(options.seed)],
      ])
      writeTensorFile(options.output, writeCase(question, metadata))
      const sizes = Object.entries(question.sizes).map(([symbol, extent]) => `${symbol} = ${extent}`)
      terminal.out(
        `${paint.bold(oneLine(options.output))}: ${id}, ${[...sizes, `config ${JSON.stringify(question.asked)}`].join(', ')}`,
      )
      done(HELD)
    })
}
