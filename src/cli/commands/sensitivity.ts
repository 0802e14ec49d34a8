import { existsSync } from 'node:fs'
import { Command, Option } from 'commander'
import { refuseIdle } from '../contradictions.ts'
import { equations as numbered } from '../../catalogue/index.ts'
import type { Equation } from '../../catalogue/schema.ts'
import { findEquation } from '../../cases/names.ts'
import { oneLine, QuestionError } from '../../errors.ts'
import { demandWritable, writeWhole } from '../../files.ts'
import { measure, startOf, stepsOf, type Plan } from '../../sensitivity/measure.ts'
import { comparisonTable } from '../../sensitivity/page/comparisons.ts'
import { equationTable } from '../../sensitivity/page/equations.ts'
import { sensitivityDocument } from '../../sensitivity/page/index.ts'
import { FIRST_REPORTED } from '../../sensitivity/questions.ts'
import type { Results } from '../../sensitivity/results.ts'
import { mergeResults, readResults, writeResults } from '../../sensitivity/store.ts'
import { allAlarms } from '../../sensitivity/totals.ts'
import type { Directions } from '../../verdict/directions/index.ts'
import { judge as usual } from '../../verdict/index.ts'
import { judgeUnder } from '../../verdict/judge/index.ts'
import type { Judge } from '../../verdict/judgement.ts'
import { writeJson } from '../json.ts'
import { HELD, jsonOption, wholeNumber, WRONG } from '../options.ts'
import { table } from '../table.ts'
import { paint, progress, terminal } from '../terminal.ts'

interface Options {
  readonly equation?: readonly string[]
  readonly seeds: number
  readonly honest: number
  readonly probeSeeds: number
  readonly merge?: readonly string[]
  readonly tuning?: boolean
  readonly short?: boolean
  readonly directions: Directions
  readonly json?: string
  readonly doc?: string
}

/** Questions of an equation: more than anybody waits for. */
const MOST = 100_000
/** Seeds of a short run: one of each magnitude. */
const SHORT = 3
/** Results are stored at least this often, in milliseconds. */
const STORE_EVERY = 20_000

/** `touchstone sensitivity`: how often the judge cries wolf, and what it misses. */
export function sensitivityCommand(done: (code: number) => void): Command {
  return new Command('sensitivity')
    .description('measure the judge: honest runtimes it calls wrong, planted bugs it misses')
    .option('--equation <id...>', 'only these of the eighteen equations')
    .option('--seeds <n>', 'questions per equation', wholeNumber(0, MOST), 24)
    .option(
      '--honest <n>',
      'questions after those that honest runtimes alone are asked',
      wholeNumber(0, MOST),
      0,
    )
    .option('--probe-seeds <n>', 'questions of each probe', wholeNumber(0, MOST), 1)
    .option('--tuning', `on the seeds that thresholds may be tuned on, those below ${FIRST_REPORTED}`)
    .option(
      '--short',
      `${SHORT} questions per equation, none of probes or at the size of a model, no search for the least fault`,
    )
    .addOption(
      new Option(
        '--directions <when>',
        'whether the judge looks for named bugs too, which takes several times as long',
      )
        .choices(['never', 'always'])
        .default('never'),
    )
    .option('--doc <file>', 'also write the page, FILE.md, and FILE.json, which a later run goes on from')
    .option(
      '--merge <file...>',
      'go on from these FILE.json of runs over different equations, as if from one',
    )
    .addOption(jsonOption())
    .action((options: Options, command: Command) => {
      if (options.short === true) {
        refuseIdle(command, ['seeds', 'probeSeeds'], { expected: 'no number of questions', found: '--short' })
      }
      done(sensitivity(options))
    })
}

function sensitivity({
  equation,
  seeds,
  honest,
  probeSeeds,
  merge,
  tuning = false,
  short = false,
  directions,
  json,
  doc,
}: Options): number {
  const judge = judgeWith(directions)
  for (const path of [json, doc]) if (path !== undefined && path !== '-') demandWritable(path)
  const stored = doc === undefined ? undefined : storedBeside(doc)
  const plan: Plan = {
    equations: equation === undefined ? numbered : equation.map(numberedEquation),
    from: tuning ? 0 : FIRST_REPORTED,
    seeds: short ? SHORT : seeds,
    honest,
    probeSeeds: short ? 0 : probeSeeds,
    judge,
    sweep: !short,
    before: merge === undefined ? resumed(stored, judge.name) : mergeResults(merge, judge.name),
  }
  const results = run(plan, stored)
  if (stored !== undefined && doc !== undefined) {
    writeResults(stored, results)
    writeWhole(doc, new TextEncoder().encode(sensitivityDocument(results)))
  }
  if (json !== '-') report(results)
  if (json !== undefined) writeJson(json, results)
  return allAlarms(results).length > 0 ? WRONG : HELD
}

/** The judge that every command uses, or one that looks for named bugs too; results of the two are not mixed. */
function judgeWith(directions: Directions): Judge {
  if (directions === 'never') return usual
  return judgeUnder(usual.profile, directions)
}

function run(plan: Plan, stored: string | undefined): Results {
  let results = startOf(plan)
  const bar = progress(stepsOf(plan))
  let last = performance.now()
  try {
    for (const step of measure(plan)) {
      bar.step(step.label)
      results = step.results
      if (stored === undefined || performance.now() - last < STORE_EVERY) continue
      writeResults(stored, results)
      last = performance.now()
    }
  } finally {
    bar.stop()
  }
  return results
}

/** What is gone on from; what is stored of another catalogue or judge is about to be replaced, and that is said. */
function resumed(stored: string | undefined, judge: string): Results | undefined {
  if (stored === undefined) return undefined
  const found = readResults(stored, judge)
  if (found === undefined && existsSync(stored))
    terminal.err(
      `touchstone: ${oneLine(stored)} is of another catalogue or judge: everything is measured anew`,
    )
  return found
}

/** @throws QuestionError for a path that is no page */
function storedBeside(doc: string): string {
  if (!doc.endsWith('.md')) {
    throw new QuestionError({ tensor: '--doc', expected: 'a file that ends in .md', found: `"${doc}"` })
  }
  return doc.replace(/\.md$/, '.json')
}

function numberedEquation(id: string): Equation {
  const found = findEquation(id, '--equation')
  if (numbered.includes(found)) return found
  throw new QuestionError({
    tensor: '--equation',
    expected: 'one of the eighteen equations',
    found: `"${id}"`,
  })
}

function report(results: Results): void {
  for (const { headings, rows } of [equationTable(results), comparisonTable(results)]) {
    terminal.out(`${table(headings, rows)}\n`)
  }
  for (const alarm of allAlarms(results)) terminal.out(`${paint.verdict('fail')} false alarm: ${alarm}`)
  terminal.out(
    paint.dim(
      'alarms: false ones, from outputs + with intermediates; the rest: caught / visible (signal-to-noise ≥ 6).',
    ),
  )
  terminal.out(
    paint.dim(`judged by: ${results.judge}; catalogue ${results.catalogue}; ${results.seconds.toFixed(1)} s`),
  )
}
