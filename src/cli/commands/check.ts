import { resolve } from 'node:path'
import { Command } from 'commander'
import { readCase } from '../../cases/read-case.ts'
import { readTensorFile } from '../../cases/tensor-files.ts'
import { oneLine, QuestionError } from '../../errors.ts'
import type { Directions } from '../../verdict/directions/index.ts'
import { judgeUnder } from '../../verdict/judge/index.ts'
import type { Judge, Judgement } from '../../verdict/judgement.ts'
import { profileNamed } from '../../verdict/profile/read.ts'
import { demandWritable, inFile } from '../../files.ts'
import { rewriteHint } from '../rewrite-hint.ts'
import { writeJson } from '../json.ts'
import {
  acceptSuspectOption,
  allowNonFiniteOption,
  directionsOption,
  HELD,
  jsonOption,
  NOT_ASKED,
  WRONG,
} from '../options.ts'
import { describeJudge, judgedBy, judgementLines } from '../report.ts'
import { paint, progress, terminal } from '../terminal.ts'

interface Options {
  readonly json?: string
  readonly profile: string
  readonly directions: Directions
  readonly allowNonFinite?: boolean
  readonly acceptSuspect?: boolean
}

type Result =
  | ({ readonly file: string; readonly hint?: string } & Judgement)
  | { readonly file: string; readonly verdict: 'error'; readonly message: string }

/** `touchstone check`: judges the outputs in each case. */
export function checkCommand(done: (code: number) => void): Command {
  return new Command('check')
    .description('judge the output.* in each case against the equation on the case’s own inputs')
    .argument('<file...>', 'answered cases, .safetensors files')
    .addOption(jsonOption())
    .option(
      '--profile <name>',
      'what a legal runtime may do: a shipped profile ("touchstone profile" lists them) or a file',
      'portable',
    )
    .addOption(directionsOption())
    .addOption(allowNonFiniteOption())
    .addOption(acceptSuspectOption())
    .action((files: readonly string[], options: Options) => {
      done(check(files, options))
    })
}

function check(
  files: readonly string[],
  { json, profile, directions, allowNonFinite = false, acceptSuspect = false }: Options,
): number {
  if (json !== undefined && json !== '-') demandWritable(json)
  if (files.some((file) => json !== undefined && resolve(file) === resolve(json))) {
    throw new QuestionError({
      tensor: '--json',
      expected: 'another file than those judged',
      found: `"${json}"`,
    })
  }
  const judge = judgeUnder(profileNamed(profile), directions)
  const bar = progress(files.length)
  const results: Result[] = []
  for (const file of files) {
    bar.step(file)
    results.push(judgeFile(judge, file, allowNonFinite))
  }
  bar.stop()
  for (const result of results) {
    if (result.verdict === 'error') terminal.err(`touchstone: ${result.message}`)
    else if (json !== '-')
      terminal.out(
        [`${paint.bold(oneLine(result.file))}: ${judgementLines(result).join('\n')}`, hintOf(result)].join(
          '',
        ),
      )
  }
  const judged = results.some(({ verdict }) => verdict !== 'error')
  if (json !== '-' && judged) terminal.out(paint.dim(judgedBy(judge)))
  if (json !== undefined) writeJson(json, { ...describeJudge(judge), results })
  return exitCode(
    results.map(({ verdict }) => verdict),
    acceptSuspect,
  )
}

function judgeFile(judge: Judge, path: string, allowNonFinite: boolean): Result {
  try {
    return inFile(path, () => {
      const { question, outputs } = readCase(readTensorFile(path), { allowNonFinite })
      const judgement = judge.judge(question, outputs)
      const hint = rewriteHint(judge, judgement, question, outputs)
      return { file: path, ...judgement, ...(hint === undefined ? {} : { hint }) }
    })
  } catch (error) {
    if (error instanceof QuestionError) return { file: path, verdict: 'error', message: error.message }
    throw error
  }
}

function hintOf({ hint }: { readonly hint?: string }): string {
  return hint === undefined ? '' : `\n${paint.dim(`  ${hint}`)}`
}

/** 2 wins over 1: a question that was not asked is not answered by the others. */
function exitCode(verdicts: readonly Result['verdict'][], acceptSuspect: boolean): number {
  if (verdicts.some((verdict) => verdict === 'error' || verdict === 'not-judged')) return NOT_ASKED
  const wrong = acceptSuspect ? ['fail'] : ['fail', 'suspect']
  return verdicts.some((verdict) => wrong.includes(verdict)) ? WRONG : HELD
}
