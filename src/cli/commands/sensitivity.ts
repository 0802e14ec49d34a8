import { Command, Option } from 'commander'
import { equations as numbered } from '../../catalogue/index.ts'
import type { Equation } from '../../catalogue/schema.ts'
import { findEquation } from '../../cases/names.ts'
import { QuestionError } from '../../errors.ts'
import { demandWritable, writeWhole } from '../../files.ts'
import { sensitivityDocument } from '../../sensitivity/document.ts'
import { measure, stepsOf, type Plan } from '../../sensitivity/measure.ts'
import { FIRST_REPORTED } from '../../sensitivity/questions.ts'
import { emptyResults, type Results } from '../../sensitivity/results.ts'
import { readResults, writeResults } from '../../sensitivity/store.ts'
import {
  DETECTOR_HEADINGS,
  detectorRows,
  EQUATION_HEADINGS,
  equationRows,
} from '../../sensitivity/summary.ts'
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
  readonly tuning?: boolean
  readonly short?: boolean
  readonly directions: Directions
  readonly json?: string
  readonly doc?: string
}

/** Seeds of a short run: one of each magnitude. */
const SHORT = 3
/** Results are stored at least this often, in milliseconds. */
const STORE_EVERY = 20_000

/** `touchstone sensitivity`: how often the judge cries wolf, and what it misses. */
export function sensitivityCommand(done: (code: number) => void): Command {
  return new Command('sensitivity')
    .description('measure the judge: honest runtimes it calls wrong, planted bugs it misses')
    .option('--equation <id...>', 'only these of the eighteen equations')
    .option('--seeds <n>', 'questions per equation', wholeNumber(0), 24)
    .option('--tuning', `on the seeds that thresholds may be tuned on, those below ${FIRST_REPORTED}`)
    .option(
      '--short',
      `${SHORT} questions per equation, none at the size of a model, no search for the least fault`,
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
    .addOption(jsonOption())
    .action((options: Options) => {
      done(sensitivity(options))
    })
}

function sensitivity({
  equation,
  seeds,
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
    judge,
    sweep: !short,
    before: stored === undefined ? undefined : readResults(stored, judge.name),
  }
  const results = run(plan, stored)
  if (stored !== undefined && doc !== undefined) {
    writeResults(stored, results)
    writeWhole(doc, new TextEncoder().encode(sensitivityDocument(results)))
  }
  if (json !== '-') report(results)
  if (json !== undefined) writeJson(json, results)
  const alarms = [
    ...Object.values(results.equations).flatMap((each) => each.alarms),
    ...Object.values(results.atSize).flatMap(({ complaints }) => complaints),
  ]
  return alarms.length > 0 ? WRONG : HELD
}

/** The judge that every command uses, or one that looks for named bugs too; results of the two are not mixed. */
function judgeWith(directions: Directions): Judge {
  if (directions === 'never') return usual
  return judgeUnder(usual.profile, directions)
}

function run(plan: Plan, stored: string | undefined): Results {
  let results = plan.before ?? emptyResults(plan.judge.name)
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
  terminal.out(table(EQUATION_HEADINGS, equationRows(results)))
  terminal.out('')
  terminal.out(table(DETECTOR_HEADINGS, detectorRows(results)))
  terminal.out('')
  for (const [id, { alarms }] of Object.entries(results.equations)) {
    for (const alarm of alarms) terminal.out(`${paint.verdict('fail')} false alarm: ${id} ${alarm}`)
  }
  terminal.out(
    paint.dim(
      'alarms: false ones, from outputs + with intermediates; the rest: caught / visible (signal-to-noise ≥ 6).',
    ),
  )
  terminal.out(
    paint.dim(`judged by: ${results.judge}; catalogue ${results.catalogue}; ${results.seconds.toFixed(1)} s`),
  )
}
