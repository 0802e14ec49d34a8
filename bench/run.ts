import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { checkSuite } from './check.ts'
import { gpuFusedSuites } from './gpu-fused.ts'
import { gpuSuites } from './gpu.ts'
import { productSuite } from './product.ts'
import { sparseAttentionSuite } from './sparse-attention.ts'
import { format, held, machine, type Comparison, type Suite } from './suite.ts'

/** All benchmarks. `npm run bench -- [filter] [--json FILE]` runs those whose name holds `filter`. */
const suites: readonly Suite[] = [
  productSuite,
  checkSuite,
  sparseAttentionSuite(197, 6, 0.25, 1),
  sparseAttentionSuite(1024, 2, 0.25, 2),
  sparseAttentionSuite(1024, 2, 0.1),
  ...gpuSuites,
  ...gpuFusedSuites,
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  // --suite is for the processes started below
  options: { json: { type: 'string' }, suite: { type: 'string' } },
})
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
    const comparison = await runAlone(name)
    results.push({ suite: name, ...comparison })
    console.log(format(comparison))
    if (!held(comparison)) process.exitCode = 1
  }
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
