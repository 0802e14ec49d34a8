import type { Question } from '../../cases/question.ts'
import type { Exposed } from '../../arithmetics/recording.ts'
import { surelyKept } from '../bounded/choice.ts'
import type { BoundedKinds } from '../bounded/bounded.ts'
import type { ReadOutput } from '../outputs.ts'
import type { Masks } from './settle.ts'

/** Where a tensor's values mean something. */
export interface Meaning {
  readonly judged: Uint8Array
  /** Where they may mean nothing, as far as can be proved. */
  readonly unsure?: Uint8Array | undefined
}

/**
 * The mask outside which a tensor means nothing, if it has one: an input, or the runtime's own, or without it truth's as far
 * as noise leaves it no choice or the choice was settled.
 */
export function meaning(
  { tensors }: Question,
  read: ReadonlyMap<string, ReadOutput>,
  free: ReadonlyMap<string, Exposed<BoundedKinds>>,
  masks: Masks,
): (output: ReadOutput) => Meaning | undefined {
  return ({ spec: { judgedAt } }) => {
    if (judgedAt === undefined) return undefined
    const own = read.get(judgedAt)
    const given = own !== undefined && 'value' in own ? own.value : tensors.get(`input.${judgedAt}`)
    if (given?.kind === 'mask') return { judged: given.mask.data }
    const truth = free.get(judgedAt)
    if (truth?.kind !== 'mask') return undefined
    const { data, open } = masks.get(judgedAt) ?? truth.x
    return { judged: surelyKept(data, open), unsure: truth.x.ambiguous }
  }
}
