import { Command } from 'commander'
import { kernelsFor, type AdapterReport } from '../../../gpu/index.ts'
import { catalogue } from '../../catalogue/index.ts'
import { sample } from '../../catalogue/sample.ts'
import { demandWritable } from '../../files.ts'
import { comparisonsOf, furthest, type CaseResult } from '../../verification/cases.ts'
import { gpuVerification, type GpuVerification } from '../../verification/gpu.ts'
import { worstOf } from '../../verdict/judgement.ts'
import { adapterOption, demandGpu, gpuTimeoutOption, type GpuChoice } from '../gpu-options.ts'
import { judgementLines } from '../report.ts'
import { writeJson } from '../json.ts'
import { HELD, jsonOption, NOT_ASKED, seedOption, WRONG } from '../options.ts'
import { paint, terminal } from '../terminal.ts'

interface Options extends GpuChoice {
  readonly seed: number
  readonly json?: string
}

/** Questions that are asked at once. */
const AT_ONCE = 4

/** `touchstone gpu`: what GPU there is, and whether it computes. */
export function gpuCommand(done: (code: number) => void): Command {
  return new Command('gpu')
    .description('tell which GPU there is and have it answer one question of everything in the catalogue')
    .addOption(adapterOption())
    .addOption(gpuTimeoutOption())
    .addOption(seedOption())
    .addOption(jsonOption())
    .action(async (options: Options) => {
      done(await selfTest(options))
    })
}

async function selfTest(options: Options): Promise<number> {
  const { seed, json } = options
  if (json !== undefined && json !== '-') demandWritable(json)
  const answerer = await demandGpu(options)
  const { adapter } = answerer
  try {
    if (json !== '-') terminal.out(described(adapter))
    const started = performance.now()
    const test = gpuVerification(answerer)
    // one iterator for all: while one question waits for its kernels to be compiled, the others go on
    const equations = catalogue.values()
    const askInTurn = async (): Promise<void> => {
      for (const equation of equations) {
        await test.verify({ question: sample(equation, seed), file: null, seed })
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, askInTurn))
    const seconds = (performance.now() - started) / 1000
    if (json !== '-') terminal.out(outcome(test, seconds))
    if (json !== undefined) {
      const { troubles } = test
      const [results, fused] = [test.results, test.fused].map(inOrder)
      writeJson(json, { adapter, kernels: kernelsFor(adapter), seed, seconds, results, fused, troubles })
    }
    if (test.troubles.length > 0) return NOT_ASKED
    return [...test.results, ...test.fused].every(({ verdict }) => verdict === 'pass') ? HELD : WRONG
  } finally {
    answerer.close()
  }
}

/** As the catalogue has them. */
function inOrder(results: readonly CaseResult[]): CaseResult[] {
  return catalogue.flatMap(({ id }) => results.filter((result) => result.id === id))
}

function described(adapter: AdapterReport): string {
  const { name, vendor, architecture, driver, limits, features } = adapter
  const { form, reason } = kernelsFor(adapter)
  const rows = [
    ['adapter', [name, vendor, architecture].filter((text) => text !== '').join(', ')],
    ['driver', driver],
    ['found in', whereFound(adapter)],
    ['kernels', `${form}; ${reason}`],
    ...Object.entries(limits).map(([limit, value]) => [limit, `${value}`]),
    ['features', features.join(' ')],
  ]
  return rows.map(([heading, value]) => `${paint.dim(heading.padEnd(36))}${value}`).join('\n')
}

function whereFound({ source, fallback }: AdapterReport): string {
  const place = source === 'system' ? 'the system' : 'the npm package @sparticuz/chromium'
  return fallback ? `${place}; computes in software, and stands in for a GPU` : place
}

function outcome({ results, fused, troubles }: GpuVerification, seconds: number): string {
  const all = [...results, ...fused]
  const wrong = all.filter(({ verdict }) => verdict !== 'pass')
  const right = results.filter(({ verdict }) => verdict === 'pass')
  const { share, deviations } = furthest(all.flatMap(comparisonsOf))
  return [
    ...wrong.flatMap((result) => judgementLines(result)),
    ...troubles.map(({ id, message }) => `${paint.verdict('fail')}  ${id}: ${message}`),
    `${paint.verdict(troubles.length > 0 ? 'fail' : worstOf(all.map(({ verdict }) => verdict)))}  self-test: ` +
      `${right.length} of ${catalogue.length} questions, ${fused.length} of them also fused, within ${share.toPrecision(2)} of the bound and ${deviations.toPrecision(2)} deviations, ${seconds.toFixed(1)} s`,
  ].join('\n')
}
