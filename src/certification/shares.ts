import type { Value } from '../../reference/evaluator.ts'
import { evaluate } from '../arithmetics/evaluate.ts'
import { arithmeticNamed } from '../arithmetics/index.ts'
import type { Exposed, Given } from '../arithmetics/recording.ts'
import { judgedAt } from '../cases/judged-at.ts'
import type { Question } from '../cases/question.ts'
import { coordinates } from '../cases/read-case.ts'
import { rawOf } from '../cases/write-case.ts'
import { boundedOf } from '../verdict/bounded/arithmetic.ts'
import type { BoundedKinds } from '../verdict/bounded/bounded.ts'
import { judge } from '../verdict/index.ts'

/** What the oracle's own errors may be, as shares of the bound that others are judged by. */
export const LIMITS = { float64: 1e-3, float32: 1 } as const

/** The oracle's own errors in one case, as shares of the bound that others are judged by. */
export interface Shares {
  /** Of float64 truth, each tensor computed from exact upstream values, against the exact ones. */
  readonly float64: number
  /** Of the float32 reference, judged as anybody is. */
  readonly float32: number
  /** The tensor and element of the larger excess, for the reader. */
  readonly where: string
}

const bounded = boundedOf(judge.profile)

/**
 * Certifies the oracle on one case. Every exposed tensor is evaluated in float64 from the exact values of those before it,
 * so that its error is that of the step others are judged by; masks must be the exact ones.
 * @param exact correctly rounded values by name, as many of the case's tensors as there are
 */
export function sharesOf(question: Question, exact: ReadonlyMap<string, Value>): Shares {
  const truth = evaluate(bounded, question, exactly(exact))
  let float64 = { share: 0, where: '' }
  for (const [name, golden] of exact) {
    const computed = truth.get(name)
    if (computed === undefined) throw new TypeError(`${question.equation.id} exposes no ${name}`)
    const found = shareOf(name, golden, computed, judgedAt(question, name, exact))
    if (found.share > float64.share) float64 = found
  }
  const answer = [...arithmeticNamed('float32').answer(question)]
  const { outputs } = judge.judge(question, new Map(answer.map(([name, value]) => [name, rawOf(value)])))
  const float32 = outputs.map(({ name, fromUpstream }) => ({
    name,
    share: fromUpstream?.verdict === 'fail' ? Infinity : (fromUpstream?.share ?? 0),
  }))
  const worst = float32.reduce((most, one) => (one.share > most.share ? one : most), { name: '', share: 0 })
  const where = float64.share > LIMITS.float64 ? float64.where : worst.name
  return { float64: float64.share, float32: worst.share, where }
}

/** Whether the oracle is too far off to judge anybody there. */
export function isUnfit({ float64, float32 }: Shares): boolean {
  return !(float64 <= LIMITS.float64 && float32 <= LIMITS.float32)
}

/** Goes on with exact values, known exactly, wherever there are any. */
function exactly(exact: ReadonlyMap<string, Value>): Given<BoundedKinds> {
  return (path, computed) => {
    const value = exact.get(path)
    if (value === undefined) return undefined
    if (value.kind === 'mask') return { kind: 'mask', x: bounded.mask(value.mask) }
    return computed.kind === 'sparse'
      ? { kind: 'sparse', x: bounded.sparse(value.tensor) }
      : { kind: 'dense', x: bounded.dense(value.tensor) }
  }
}

function shareOf(
  name: string,
  golden: Value,
  computed: Exposed<BoundedKinds>,
  judged: Uint8Array | undefined,
): { share: number; where: string } {
  let worst = { share: 0, where: '' }
  if (golden.kind === 'mask' || computed.kind === 'mask') {
    const same =
      golden.kind === 'mask' &&
      computed.kind === 'mask' &&
      golden.mask.data.every((byte, i) => byte === computed.x.data[i])
    return same ? worst : { share: Infinity, where: `${name}: another mask than the exact one` }
  }
  const { v, b } = computed.x
  for (let i = 0; i < v.size; i++) {
    const [expected, found, bound] = [golden.tensor.data[i], v.data[i], b.data[i]]
    if (judged?.[i] === 0 || expected === found || !(bound < Infinity)) continue
    const share = Math.abs(found - expected) / bound
    if (share <= worst.share) continue
    worst = { share, where: `${name} ${coordinates(i, v.shape)}: exact ${expected}, float64 ${found}` }
  }
  return worst
}
