import { primitivesOf } from '../catalogue/probes/primitives-of.ts'
import type { Question } from '../cases/question.ts'
import type { RawTensor } from '../cases/raw-tensor.ts'
import { judgeUnder } from '../verdict/judge/index.ts'
import type { Judge, Judgement } from '../verdict/judgement.ts'
import type { Profile } from '../verdict/profile/profile.ts'
import { shippedProfiles } from '../verdict/profile/shipped.ts'
import { passesByLogarithm } from './by-logarithm.ts'

type Outputs = ReadonlyMap<string, RawTensor>

const BY_LOGARITHM =
  'no more than a softmax as exp(x − log Σ exp x) loses: if that is how it is computed, a profile can say so (rewrites.logSumExpSoftmax)'

/** What to say where a rewrite that common code has and the profile does not list explains all that is wrong; the likelier of two. */
export function rewriteHint(
  judge: Judge,
  judgement: Judgement,
  question: Question,
  outputs: Outputs,
): string | undefined {
  if (passesInSteps(judge, judgement, question, outputs)) return inSteps(judge.profile)
  return passesByLogarithm(judge, judgement, question, outputs) ? BY_LOGARITHM : undefined
}

/**
 * Of a model in a narrow format: whether all that is wrong, if it looks like no named bug, is what rounding every step
 * of a norm, a GELU or a softmax loses.
 */
function passesInSteps(
  { profile }: Judge,
  { verdict, blame }: Judgement,
  question: Question,
  outputs: Outputs,
): boolean {
  const { rewrites, formats } = profile
  if (rewrites.stepwise || formats.results === 'float32') return false
  if (verdict !== 'fail' && verdict !== 'suspect') return false
  if (blame?.findings.some(({ kind }) => kind === 'consistent') === true) return false
  const used = primitivesOf(question.equation)
  const written = ['layerNorm', 'gelu', 'softmax', 'maskedSoftmax', 'logSoftmax'] as const
  if (!written.some((primitive) => used.has(primitive))) return false
  const wider = judgeUnder({ ...profile, rewrites: { ...rewrites, stepwise: true } })
  return wider.judge(question, outputs).verdict === 'pass'
}

function inSteps({ name, formats: { results } }: Profile): string {
  const listed = shippedProfiles.find((shipped) => shipped.name === `${results}-stepwise`)
  const how =
    listed === undefined || name !== `${results}-model`
      ? 'a profile can say so (rewrites.stepwise)'
      : `--profile ${listed.name}`
  return `no more than LayerNorm, GELU and softmax lose where they are written out, each step rounded to ${results}: if that is meant, ${how}`
}
