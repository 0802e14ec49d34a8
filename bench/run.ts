import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { checkSuite } from './check.ts'
import { gpuFusedSuites } from './gpu-fused.ts'
import { gpuPeakSuites } from './gpu-peak.ts'
import { gpuSuites } from './gpu.ts'
import { markdown } from './gpu-peak-table.ts'
import { productSuite } from './product.ts'
import { sparseAttentionSuite } from './sparse-attention.ts'
import { format, held, machine, type Comparison, type Suite } from './suite.ts'

/**
 * All benchmarks. `npm run bench -- [filter] [--json FILE]` runs those whose name holds `filter`. Of a GPU,
 * `--peak-tflops N` and `--bandwidth-gbs N` say what it could do: float32 operations, and bytes of its memory.
 * `--smoke` runs `gpu-peak` at tiny sizes, to see that it runs.
 */
const suites: readonly Suite[] = [
  productSuite,
  checkSuite,
  sparseAttentionSuite(197, 6, 0.25, 1),
  sparseAttentionSuite(1024, 2, 0.25, 2),
  sparseAttentionSuite(1024, 2, 0.1),
  ...gpuSuites,
  ...gpuFusedSuites,
  ...gpuPeakSuites,
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  // --suite is for the processes started below
  options: {
    json: { type: 'string' },
    suite: { type: 'string' },
    'peak-tflops': { type: 'string' },
    'bandwidth-gbs': { type: 'string' },
    smoke: { type: 'boolean', default: false },
  },
})
for (const [option, variable] of [
  ['peak-tflops', 'TOUCHSTONE_PEAK_TFLOPS'],
  ['bandwidth-gbs', 'TOUCHSTONE_BANDWIDTH_GBS'],
] as const) {
  const value = values[option]
  if (value === undefined) continue
  if (!(Number(value) > 0)) {
    console.error(`bench: --${option}: expected a number above 0, found "${value}"`)
    process.exit(2)
  }
  // the processes of the suites inherit it
  process.env[variable] = value
}
if (values.smoke) process.env['TOUCHSTONE_BENCH_SMOKE'] = '1'
const asked = suites.find(({ name }) => name === values.suite)
if (asked) {
  process.send?.(await asked.run())
} else await runAll(positionals[0] ?? '', values.json)

async function runAll(filter: string, json?: string): Promise<void> {
  const chosen = suites.filter(({ name }) => name.includes(filter))
  if (chosen.length === 0) {
    const known = suites.map(({ name, description }) => `  ${name}: ${description}`).join('\n')
    console.error(`bench: no suite is named like "${filter}"; there are\n${known}`)
    process.exitCode = 2
    return
  }
  const results: (Comparison & { suite: string })[] = []
  for (const { name } of chosen) {
    try {
      const comparison = await runAlone(name)
      results.push({ suite: name, ...comparison })
      console.log(format(comparison))
      if (!held(comparison)) process.exitCode = 1
    } catch (error) {
      // what the others measure is kept
      console.error(error instanceof Error ? error.message : error)
      process.exitCode = 1
    }
  }
  const measured = results.filter(({ device }) => device !== undefined)
  if (measured.length > 0) console.log(`\n${markdown(measured, new Date())}`)
  if (json) writeFileSync(json, JSON.stringify({ machine: machine(), results }, null, 2) + '\n')
}

/** Each suite has its own process, lest the compiler remember what another fed to the code they share. */
function runAlone(name: string): Promise<Comparison> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, ['--suite', name])
    child.on('message', resolve)
    child.on('error', reject)
    child.on('exit', (code) =>
      reject(new Error(`bench: suite ${name} ended without a result (exit code ${code})`)),
    )
  })
}
