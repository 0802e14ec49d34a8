import { Command } from 'commander'
import { findProbe, probeQuestion } from '../../catalogue/probes/index.ts'
import { sample } from '../../catalogue/sample.ts'
import { findEquation } from '../../cases/names.ts'
import { writeTensorFile } from '../../cases/tensor-files.ts'
import { writeCase } from '../../cases/write-case.ts'
import { oneLine } from '../../errors.ts'
import { demandWritable } from '../../files.ts'
import { version } from '../../version.ts'
import { fileName, HELD, seedOption } from '../options.ts'
import { readSampling, type SamplingTexts } from '../sampling-options.ts'
import { paint, terminal } from '../terminal.ts'

interface Options extends SamplingTexts {
  readonly output: string
  readonly probe?: string
  readonly seed: number
}

/** `touchstone emit`: writes a new question for a runtime to answer. */
export function emitCommand(done: (code: number) => void): Command {
  return new Command('emit')
    .description('write a new question for a runtime to answer')
    .argument('<id>', 'the equation, for example stvit/eq2; "touchstone list" shows all')
    .requiredOption('-o, --output <file>', 'where to write the case', fileName)
    .option(
      '--config <json>',
      'config keys to use: \'{"heads": 3}\'; "touchstone list ID" names them; without it the options are drawn too',
    )
    .option('--sizes <json>', 'extents to use, by symbol: \'{"Ns": 16, "Ni": 196, "C": 384}\'')
    .option('--batch <json>', 'leading dimensions to use: "[2]" or "[]"')
    .option(
      '--with <params>',
      'optional params to have: "norm1,attn.q.bias", or a pattern: "*.bias"; what neither this nor --without names is drawn',
    )
    .option('--without <params>', 'optional params to leave out; of what both name nothing is there')
    .option('--probe <name>', 'inputs at which some bug shows: "touchstone list --probes"')
    .addOption(seedOption())
    .action((id: string, options: Options) => {
      const equation = findEquation(id, 'id')
      demandWritable(options.output)
      const { seed } = options
      const probe = options.probe === undefined ? undefined : findProbe(options.probe, equation)
      const sampling = readSampling(equation, options)
      const question =
        probe === undefined
          ? sample(equation, seed, sampling)
          : probeQuestion(probe, equation, seed, sampling)
      const exact = [...(probe?.exact?.(question).keys() ?? [])]
      const metadata = new Map([
        ['source', `touchstone emit ${version}`],
        ['seed', String(seed)],
        ...(probe === undefined ? [] : [['probe', probe.name] as const]),
        ...(exact.length === 0
          ? []
          : [['note', `exact in any order of summing: ${exact.join(', ')}`] as const]),
      ])
      writeTensorFile(options.output, writeCase(question, metadata))
      const sizes = Object.entries(question.sizes).map(([symbol, extent]) => `${symbol} = ${extent}`)
      terminal.out(
        `${paint.bold(oneLine(options.output))}: ${id}, ${[...sizes, `config ${JSON.stringify(question.asked)}`].join(', ')}`,
      )
      if (exact.length > 0) terminal.out(`exact in any order of summing: ${exact.join(', ')}`)
      done(HELD)
    })
}
