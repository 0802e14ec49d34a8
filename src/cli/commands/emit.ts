import { Command } from 'commander'
import { sample } from '../../catalogue/sample.ts'
import { readConfig } from '../../cases/config.ts'
import { findEquation } from '../../cases/names.ts'
import { writeTensorFile } from '../../cases/tensor-files.ts'
import { writeCase } from '../../cases/write-case.ts'
import { oneLine, QuestionError } from '../../errors.ts'
import { demandWritable } from '../../files.ts'
import { version } from '../../version.ts'
import { HELD, seedOption } from '../options.ts'
import { paint, terminal } from '../terminal.ts'

interface Options {
  readonly output: string
  readonly config?: string
  readonly sizes?: string
  readonly batch?: string
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
      const question = sample(equation, options.seed, {
        ...(options.config === undefined ? {} : { config: readConfig(equation, options.config) }),
        ...(options.sizes === undefined ? {} : { sizes: readSizes(options.sizes) }),
        ...(options.batch === undefined ? {} : { lead: readBatch(options.batch) }),
      })
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

function readSizes(text: string): Record<string, number> {
  const sizes: Record<string, number> = {}
  const parsed = parse('--sizes', 'a JSON object of extents', text)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new QuestionError({ tensor: '--sizes', expected: 'a JSON object of extents', found: text })
  }
  for (const [symbol, extent] of Object.entries(parsed)) {
    if (typeof extent !== 'number') {
      const found = JSON.stringify(extent)
      throw new QuestionError({ tensor: `--sizes ${symbol}`, expected: 'an integer ≥ 1', found })
    }
    sizes[symbol] = extent
  }
  return sizes
}

function readBatch(text: string): number[] {
  const expected = 'a JSON array of integers ≥ 1'
  const parsed = parse('--batch', expected, text)
  if (!Array.isArray(parsed) || !parsed.every((extent) => Number.isSafeInteger(extent) && extent >= 1)) {
    throw new QuestionError({ tensor: '--batch', expected, found: text })
  }
  return parsed.map(Number)
}

function parse(tensor: string, expected: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new QuestionError({ tensor, expected, found: text })
  }
}
