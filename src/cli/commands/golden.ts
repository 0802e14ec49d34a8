import { join } from 'node:path'
import { Command, Option } from 'commander'
import { readCase } from '../../cases/read-case.ts'
import { readTensorFile } from '../../cases/tensor-files.ts'
import { hintFor } from '../../cases/suggest.ts'
import { QuestionError } from '../../errors.ts'
import { demandWritable } from '../../files.ts'
import { MANIFEST, readManifest, type Manifest } from '../../goldens/manifest.ts'
import { recipes } from '../../goldens/recipes.ts'
import type { Plan } from '../../goldens/update.ts'
import { verifyGoldens, type GoldenResult } from '../../goldens/verify.ts'
import { packageRoot } from '../../version.ts'
import { formatValue } from '../format-value.ts'
import { goldenLines } from '../golden-report.ts'
import { writeJson } from '../json.ts'
import { HELD, jsonOption, NOT_ASKED, WRONG } from '../options.ts'
import { table } from '../table.ts'
import { paint, progress, terminal } from '../terminal.ts'
import { equations } from '../../catalogue/index.ts'

interface Options {
  readonly folder: string
  readonly json?: string
  readonly reason?: string
}

const folderOption = (): Option =>
  new Option('--folder <dir>', 'the folder of goldens').default(
    join(packageRoot, 'golden'),
    'golden/ of the clone',
  )

/** `touchstone golden`: values that last. */
export function goldenCommand(done: (code: number) => void): Command {
  const golden = new Command('golden').description(
    'goldens: exact values on small cases, digests of the reference at DeiT-S size',
  )
  golden
    .command('verify')
    .description('hold the folder against its manifest, and both arithmetics against its values')
    .addOption(folderOption())
    .addOption(jsonOption())
    .action(({ folder, json }: Options) => {
      done(verify(folder, json))
    })
  golden
    .command('update')
    .description('make every golden anew, show what would change, and write it if a reason is given')
    .addOption(folderOption())
    .option('--reason <text>', 'why they may change; kept in the manifest')
    .action(async ({ folder, reason }: Options) => {
      done(await update(folder, reason))
    })
  golden
    .command('list')
    .description('the goldens and what each is there for')
    .addOption(folderOption())
    .addOption(jsonOption())
    .action(({ folder, json }: Options) => {
      list(folder, json)
      done(HELD)
    })
  golden
    .command('show')
    .description('one golden in full: its config, tensors and values')
    .argument('<golden>', 'for example sparsifiner/eq3/ties; "touchstone golden list" shows all')
    .addOption(folderOption())
    .action((name: string, { folder }: Options) => {
      show(folder, name)
      done(HELD)
    })
  return golden
}

/** The manifest, which must be there. */
function manifestOf(folder: string): Manifest {
  const manifest = readManifest(folder)
  if (manifest !== undefined) return manifest
  const hint = 'a clone of the project has one; --folder names another'
  throw new QuestionError({ file: folder, expected: `a folder with a ${MANIFEST}`, found: 'none', hint })
}

function verify(folder: string, json: string | undefined): number {
  if (json !== undefined && json !== '-') demandWritable(json)
  const manifest = manifestOf(folder)
  const bar = progress(Object.keys(manifest.exact).length + Object.keys(manifest.reference).length)
  const results: GoldenResult[] = []
  try {
    for (const result of verifyGoldens(folder, manifest)) {
      bar.step(result.golden)
      results.push(result)
    }
  } finally {
    bar.stop()
  }
  const broken = results.filter(({ verdict }) => verdict === 'fail')
  if (json !== '-') terminal.out(goldenLines(results).join('\n'))
  if (json !== undefined) writeJson(json, { folder, results })
  return broken.length > 0 ? WRONG : HELD
}

async function update(folder: string, reason: string | undefined): Promise<number> {
  demandWritable(join(folder, MANIFEST))
  // making goldens loads BigNumbers, which nothing else needs
  const { planUpdate } = await import('../../goldens/update.ts')
  const previous = readManifest(folder)
  const bar = progress(recipes.length + equations.length)
  let plan: Plan
  try {
    plan = planUpdate(folder, previous, (name) => bar.step(name))
  } finally {
    bar.stop()
  }
  const changes = [
    ...plan.added.map((name) => `added    ${name}`),
    ...plan.changed.map((name) => `changed  ${name}`),
    ...plan.removed.map((name) => `removed  ${name}`),
  ]
  if (plan.onlyGenerator)
    changes.push('only the sources that make them changed: every value came out the same')
  if (changes.length === 0) {
    terminal.out(`${paint.verdict('pass')}  goldens: nothing to update`)
    return HELD
  }
  terminal.out(changes.join('\n'))
  if (reason === undefined || reason.trim() === '') {
    terminal.err('touchstone: --reason: expected why goldens may change, found nothing (nothing was written)')
    return NOT_ASKED
  }
  plan.write(reason, new Date().toISOString().slice(0, 10))
  terminal.out(`written to ${folder}: ${reason}`)
  return HELD
}

function list(folder: string, json: string | undefined): void {
  const { exact, reference, updates } = manifestOf(folder)
  if (json !== undefined) writeJson(json, { exact, reference, updates })
  if (json === '-') return
  const rows = Object.values(exact).map(({ id, name, digits, why }) => [
    `${id}/${name}`,
    `${digits}`,
    paint.dim(why),
  ])
  const digests = Object.entries(reference).map(([name, { shape }]) => `${name} [${shape.join(', ')}]`)
  terminal.out(
    `${table(['golden', 'digits', 'why'], rows)}\n\nreference digests at DeiT-S size: ${digests.join(', ')}`,
  )
}

function show(folder: string, name: string): void {
  const { exact, generator, remake } = manifestOf(folder)
  const path = `exact/${name}.safetensors`
  const entry = exact[path]
  if (entry === undefined) {
    const known = Object.values(exact).map((golden) => `${golden.id}/${golden.name}`)
    const hint = hintFor(name, known, '"touchstone golden list"')
    throw new QuestionError({ tensor: 'golden', expected: 'a known golden', found: `"${name}"`, hint })
  }
  const file = readTensorFile(join(folder, path))
  const { question } = readCase(file)
  const lines = [...file.tensors].map(([tensor, raw]) => `  ${tensor} ${formatValue(raw)}`)
  terminal.out(
    [
      `${paint.bold(name)}: ${entry.why}`,
      `  config ${JSON.stringify(question.asked)}; certain at ${entry.digits} digits; sha256 ${entry.sha256}`,
      `  made by ${generator.name} ${generator.version}; again: ${remake}`,
      ...lines,
    ].join('\n'),
  )
}
