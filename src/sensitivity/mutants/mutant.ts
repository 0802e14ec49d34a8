import type { Arithmetic, Kinds } from '../../../reference/arithmetic.ts'
import { withRule } from '../../../reference/arithmetic.ts'
import type { Evaluator, Value } from '../../../reference/evaluator.ts'
import type { FullKinds } from '../../../reference/float32/index.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import type { Config, TensorSpec } from '../../catalogue/schema.ts'
import { knownTensors } from '../../cases/names.ts'
import type { Question } from '../../cases/question.ts'

/** `gross`: wrong for anybody to see. `medium`: another constant or convention. `subtle`: a little less precise than it may be. */
export const CLASSES = ['gross', 'medium', 'subtle'] as const
export type Class = (typeof CLASSES)[number]

export type Rules = Arithmetic<FullKinds>

/** What is evaluated where the bug is in: the runtime, or the question as it understood it. */
export interface Planted {
  readonly runtime: Evaluator<FullKinds>
  readonly question: Question
}

/** A bug that runtimes have, small, named, and playable over any arithmetic on whole rows, float32 or float64. */
export interface Mutant {
  readonly id: string
  readonly class: Class
  /** One sentence. */
  readonly about: string
  readonly equations: readonly string[]
  /** Why an equation's outputs do not show it, by equation: a proof in words. Its intermediates do. */
  readonly equivalent?: Readonly<Record<string, string>>
  plant(planted: Planted): Planted
}

type Extra = Pick<Mutant, 'equivalent'>

/** A bug in rules of the arithmetic. What keeps count of calls is made anew for every evaluation. */
export function rule(
  id: string,
  of: Class,
  equations: readonly string[],
  about: string,
  bug: (rules: Rules, question: Question) => Partial<Rules>,
  extra: Extra = {},
): Mutant {
  const plant = ({ runtime, question }: Planted): Planted => ({
    question,
    runtime: { ...runtime, rules: withRule(runtime.rules, bug(runtime.rules, question)) },
  })
  return { id, class: of, equations, about, plant, ...extra }
}

/** A bug in the equation's text, said in primitives. */
export function text(
  id: string,
  of: Class,
  equations: readonly string[],
  about: string,
  bug: <K extends Kinds>(a: Arithmetic<K>, question: Question) => Partial<Arithmetic<K>>,
  extra: Extra = {},
): Mutant {
  const plant = ({ runtime, question }: Planted): Planted => {
    const { equation } = question
    const evaluate: typeof equation.evaluate = (a, ask) =>
      equation.evaluate(withRule(a, bug(a, question)), ask)
    return { runtime, question: { ...question, equation: { ...equation, evaluate } } }
  }
  return { id, class: of, equations, about, plant, ...extra }
}

/** An option or constant taken otherwise. */
export function config(
  id: string,
  of: Class,
  equations: readonly string[],
  about: string,
  bug: (config: Config, question: Question) => Config,
  extra: Extra = {},
): Mutant {
  const plant = ({ runtime, question }: Planted): Planted => ({
    runtime,
    question: { ...question, config: { ...question.config, ...bug(question.config, question) } },
  })
  return { id, class: of, equations, about, plant, ...extra }
}

/** Inputs or params taken otherwise; `bug` gets a copy of the tensors to change. */
export function operands(
  id: string,
  of: Class,
  equations: readonly string[],
  about: string,
  bug: (tensors: Map<string, Value>, question: Question) => void,
  extra: Extra = {},
): Mutant {
  const plant = ({ runtime, question }: Planted): Planted => {
    const tensors = new Map(question.tensors)
    bug(tensors, question)
    return { runtime, question: { ...question, tensors } }
  }
  return { id, class: of, equations, about, plant, ...extra }
}

/** A param left out, where it is there. */
export function without(name: string): (tensors: Map<string, Value>) => void {
  return (tensors) => {
    tensors.delete(`param.${name}`)
  }
}

/** Two tensors in each other's place, where both are there. */
export function exchanged(one: string, other: string): (tensors: Map<string, Value>) => void {
  return (tensors) => {
    const [first, second] = [tensors.get(one), tensors.get(other)]
    if (first === undefined || second === undefined) return
    tensors.set(one, second)
    tensors.set(other, first)
  }
}

/** Every dense tensor that `chosen` names made over. */
export function changed(
  tensors: Map<string, Value>,
  chosen: (name: string) => boolean,
  change: (x: Tensor) => Tensor,
): void {
  for (const [name, value] of tensors) {
    if (value.kind === 'dense' && chosen(name))
      tensors.set(name, { kind: 'dense', tensor: change(value.tensor) })
  }
}

/** Whether a param is a matrix or kernel: what people store in few bits. */
export function isWeight({ equation }: Question, name: string): boolean {
  const spec: TensorSpec | undefined = knownTensors(equation).get(name)
  return spec !== undefined && ['weight', 'basis'].includes(spec.fill)
}

/** A rule that goes another way at its call number `which`, counted from 0. */
export function nth<A extends readonly unknown[], R>(
  usual: (...args: A) => R,
  which: number,
  instead: (...args: A) => R,
): (...args: A) => R {
  let calls = 0
  return (...args) => (calls++ === which ? instead(...args) : usual(...args))
}

/** The last output of an equation. */
export function lastOutput({ equation }: Question): string {
  return Object.entries(equation.exposes).findLast(([, { output }]) => output === true)?.[0] ?? ''
}
