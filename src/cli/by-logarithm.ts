import { primitivesOf } from '../catalogue/probes/primitives-of.ts'
import type { Question } from '../cases/question.ts'
import type { RawTensor } from '../cases/raw-tensor.ts'
import { behindSoftmax } from '../verdict/judge/behind-softmax.ts'
import { judgeUnder } from '../verdict/judge/index.ts'
import type { Judge, Judgement, Verdict } from '../verdict/judgement.ts'
import { readOutput } from '../verdict/outputs.ts'

type Outputs = ReadonlyMap<string, RawTensor>

/** Whether all that is wrong, if it looks like no named bug, is what a rewrite loses that common code has and the profile does not list. */
export function passesByLogarithm(
  { profile }: Judge,
  judgement: Judgement,
  question: Question,
  outputs: Outputs,
): boolean {
  const { rewrites } = profile
  if (!isWrong(judgement) || rewrites.logSumExpSoftmax) return false
  if (judgement.blame?.findings.some(({ kind }) => kind === 'consistent') === true) return false
  if (!mayBeOfSoftmax(judgement, question, outputs)) return false
  const wider = judgeUnder({ ...profile, rewrites: { ...rewrites, logSumExpSoftmax: true } })
  return wider.judge(question, outputs).verdict === 'pass'
}

/**
 * Whether every comparison that is not a pass is of a tensor that a softmax leads to. Where one is not, nothing that a
 * profile says of softmax changes it, and there is no need to judge again.
 */
export function mayBeOfSoftmax(
  { outputs: judged, settled }: Judgement,
  question: Question,
  outputs: Outputs,
): boolean {
  const used = primitivesOf(question.equation)
  if (!used.has('softmax') && !used.has('maskedSoftmax')) return false
  // what was chosen for a runtime was chosen by all that follows
  if (settled !== undefined) return true
  const { exposes } = question.equation
  const shown = behindSoftmax(question, (path) => isGoneOnWith(question, path, outputs))
  const free = behindSoftmax(question, () => false)
  return judged.filter(isWrong).every(({ name, fromUpstream, fromInputs }) => {
    // of another shape, or no mask: no profile allows that
    if (fromUpstream === undefined) return false
    const { judgedAt } = exposes[name]
    if (judgedAt !== undefined && free.has(judgedAt)) return true
    return (!isWrong(fromUpstream) || shown.has(name)) && (!isWrong(fromInputs) || free.has(name))
  })
}

function isWrong(said: { readonly verdict: Verdict } | undefined): boolean {
  return said?.verdict === 'fail' || said?.verdict === 'suspect'
}

/** Whether the judge goes on with all of the runtime's own tensor at this path. */
function isGoneOnWith(question: Question, path: string, outputs: Outputs): boolean {
  const raw = outputs.get(path)
  if (raw === undefined || question.equation.exposes[path]?.judgedAt !== undefined) return false
  const output = readOutput(question, path, raw)
  if (!('value' in output)) return false
  return output.value.kind === 'mask' || output.value.tensor.data.every(Number.isFinite)
}
