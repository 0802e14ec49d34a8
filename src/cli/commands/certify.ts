import { Command } from 'commander'
import { certifyDrawn, type DrawnCertificate } from '../../certification/drawn.ts'
import { LIMITS } from '../../certification/shares.ts'
import type { GoldenResult } from '../../goldens/verify.ts'
import { demandWritable } from '../../files.ts'
import { judge } from '../../verdict/index.ts'
import { worstOf } from '../../verdict/judgement.ts'
import { goldensHere } from '../goldens-here.ts'
import { writeJson } from '../json.ts'
import { matching } from '../matching.ts'
import { HELD, jsonOption, seedOption, wholeNumber, WRONG } from '../options.ts'
import { describeJudge, judgedBy } from '../report.ts'
import { table } from '../table.ts'
import { paint, progress, terminal } from '../terminal.ts'

interface Options {
  readonly equation: string
  readonly cases: number
  readonly seed: number
  readonly json?: string
}

/** `touchstone certify`: the oracle's own error. */
export function certifyCommand(done: (code: number) => void): Command {
  return new Command('certify')
    .description(
      'the oracle’s own error against exact values, as a share of the bound that others are judged by',
    )
    .option('--equation <glob>', 'only the equations whose id matches', '**')
    .option('--cases <n>', 'drawn cases per equation, besides the goldens', wholeNumber(0), 1)
    .addOption(seedOption())
    .addOption(jsonOption())
    .action((options: Options) => {
      done(certify(options))
    })
}

function certify({ equation: glob, cases, seed, json }: Options): number {
  if (json !== undefined && json !== '-') demandWritable(json)
  const equations = matching(glob)
  const bar = progress(equations.length * cases)
  const drawn: DrawnCertificate[] = []
  const goldens: GoldenResult[] = []
  try {
    for (const result of goldensHere(equations)) goldens.push(result)
    for (const equation of equations) {
      for (const certificate of certifyDrawn(equation, seed, cases)) {
        bar.step(equation.id)
        drawn.push(certificate)
      }
    }
  } finally {
    bar.stop()
  }
  const verdict = worstOf([...drawn, ...goldens].map((result) => result.verdict))
  if (json !== '-') {
    const rows = equations.map(({ id }) => {
      const own = [
        ...drawn.filter((certificate) => certificate.id === id),
        ...goldens.flatMap(({ golden, shares }) =>
          golden.startsWith(`exact/${id}/`) && shares !== undefined ? [shares] : [],
        ),
      ]
      const largest = (of: 'float64' | 'float32'): string =>
        Math.max(0, ...own.map((shares) => shares[of])).toPrecision(2)
      return [id, `${own.length}`, largest('float64'), largest('float32')]
    })
    terminal.out(table(['equation', 'cases', 'float64', 'float32'], rows))
    for (const { golden, reason } of goldens.filter((result) => result.verdict === 'fail'))
      terminal.out(`${paint.verdict('fail')}  golden ${golden}: ${reason ?? ''}`)
    for (const { id, seed: own, where } of drawn.filter((result) => result.verdict === 'fail'))
      terminal.out(`${paint.verdict('fail')}  ${id}, seed ${own}: ${where}`)
    terminal.out(
      `\n${paint.dim(`largest errors as shares of the bound; at most ${LIMITS.float64} for float64 truth, ${LIMITS.float32} for the float32 reference`)}`,
    )
    terminal.out(paint.dim(`${judgedBy(judge)}; seed ${seed}`))
    terminal.out(`${paint.verdict(verdict)}  ${drawn.length} drawn cases, ${goldens.length} goldens`)
  }
  if (json !== undefined) writeJson(json, { ...describeJudge(judge), limits: LIMITS, seed, drawn, goldens })
  return verdict === 'fail' ? WRONG : HELD
}
