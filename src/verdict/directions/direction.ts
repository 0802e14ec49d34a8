import { withRule } from '../../../reference/arithmetic.ts'
import type { Config } from '../../catalogue/schema.ts'
import type { Call, Exposures, Tape } from './tape.ts'
import type { Rules, Step } from './traced.ts'

/** One suspected bug: a rule patch over float64 arithmetic, or the question asked otherwise. */
export interface Direction {
  /** `layer-norm/epsilon=1e-5`, `bias-missing/attn.q`; unique within a question. */
  readonly id: string
  /** What a verdict says a runtime is consistent with: `LayerNorm ε = 1e-5`. */
  readonly says: string
  /** Bugs that differ only in size, and are nearly multiples of one another on this question, share a scale: where the first is not noticed, none is. */
  readonly scale?: string
  /** All products of the equation are computed anew: tried last, and only where nothing else explains the errors. */
  readonly costly?: boolean
  /** A part of it that costs less, and that has its share in the errors where all of it is there: else the whole is not tried. */
  readonly part?: Run
  /** Large wherever it shows: tried last of all, and only where something is wrong anyhow that nothing else explains. */
  readonly gross?: boolean
  /** The shipped profile that allows it, where it may be meant: a format. */
  readonly profile?: string
  /** A negative share of it means nothing: no runtime rounds away from zero. */
  readonly oneWay?: boolean
  /** What a negative whole multiple of it is, where it is something left out and nothing bends it: `times` in all, added again and again. */
  readonly repeated?: (times: number) => string
  /** What β of it is, where it is of any size. */
  readonly sized?: (beta: number) => string
  readonly run: Run
}

/** How to evaluate an equation with a bug in it. */
export interface Run {
  /** Calls that the bug is in; undefined where it may be in any. */
  readonly at: readonly Call[] | undefined
  /** What the equation exposes with the bug, on the same upstream as truth. */
  readonly evaluate: () => Exposures
}

/** Lists the suspected bugs of one kind that the calls of a tape can have, the likelier first. */
export type Suspects = (tape: Tape) => readonly Direction[]

/** The calls of some primitives. */
export function callsOf({ calls }: Tape, ...steps: readonly Step[]): Call[] {
  return calls.filter(({ step }) => steps.includes(step))
}

/** Evaluates with other rules at some calls. */
export function altered(
  tape: Tape,
  at: readonly Call[],
  rules: (usual: Rules, call: Call) => Partial<Rules>,
): Run {
  const indices = new Set(at.map(({ index }) => index))
  const evaluate = (): Exposures =>
    tape.replay((call, usual) => (indices.has(call.index) ? withRule(usual, rules(usual, call)) : undefined))
  return { at, evaluate }
}

/** Evaluates with other config. */
export function askedWith(tape: Tape, change: Config): Run {
  const { question } = tape
  const asked = { ...question, config: { ...question.config, ...change } }
  return { at: undefined, evaluate: () => tape.replay(() => undefined, asked) }
}

/** A place of an equation where a bug can be, and how to name it. */
export interface Place {
  /** Ends an id; empty where it is everywhere, or the only one. */
  readonly id: string
  /** Ends a sentence: ` in norm2`. */
  readonly says: string
  readonly calls: readonly Call[]
}

/** All calls together and, where they fall into several groups, each group by itself. */
export function places(calls: readonly Call[], group: (call: Call) => string): Place[] {
  const groups = new Map<string, Call[]>()
  for (const call of calls) groups.set(group(call), [...(groups.get(group(call)) ?? []), call])
  const everywhere: Place = { id: '', says: '', calls }
  if (groups.size <= 1) return calls.length === 0 ? [] : [everywhere]
  return [
    everywhere,
    ...[...groups].map(([name, some]) => ({ id: `/${name}`, says: ` in ${name}`, calls: some })),
  ]
}

/** The name of a layer's tensor without `param.` and `.weight`: `attn.q`. */
export function shortName(tape: Tape, operand: unknown): string | undefined {
  return tape
    .nameOf(operand)
    ?.replace(/^(param|input)\./, '')
    .replace(/\.(weight|bias)$/, '')
}
