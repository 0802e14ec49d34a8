import type { MaskArray, Value } from '../../../reference/evaluator.ts'
import { sizeOf, tensor, type Shape, type Tensor } from '../../../reference/tensor.ts'
import { knownTensors } from '../../cases/names.ts'
import { buildQuestion, type Question } from '../../cases/question.ts'
import { random, type Random } from '../../random.ts'
import { sample, type SampleOptions } from '../sample.ts'
import type { Config, Equation, TensorSpec } from '../schema.ts'

/**
 * Inputs at which some bug shows that ordinary ones hide. A probe draws a question as the sampler does, then changes tensors by how
 * they are filled, so that it knows no equation by name.
 */
export interface Probe {
  readonly name: string
  /** What it asks and which mistakes it is for. */
  readonly about: string
  /** Whether it changes anything for the equation. */
  applies(equation: Equation): boolean
  /** What it asks of the sampler. */
  sampling?(equation: Equation, source: Random): SampleOptions
  /** What takes the place of a drawn tensor; undefined leaves it. */
  change?(drawn: Drawn, source: Random): Value | undefined
  /** Outputs and intermediates that every order of summing gives exactly, with what they are. */
  exact?(question: Question): ReadonlyMap<string, Value>
}

/** A tensor as drawn, and what is known of it. */
export interface Drawn {
  readonly name: string
  readonly spec: TensorSpec
  readonly value: Value
  readonly equation: Equation
  readonly config: Config
}

/**
 * Draws the probe's question; the same seed and options give the same one everywhere.
 * @param asked what the caller wants of the sampler, which wins over what the probe wants
 * @throws QuestionError where the sizes or config asked for cannot be
 */
export function probeQuestion(
  probe: Probe,
  equation: Equation,
  seed: number | string,
  asked: SampleOptions = {},
): Question {
  const source = random(seed).fork(equation.id).fork(`probe ${probe.name}`)
  const wanted = probe.sampling?.(equation, source.fork('sampling')) ?? {}
  const has = (name: string): boolean | undefined => asked.has?.(name) ?? wanted.has?.(name)
  const question = sample(equation, seed, { ...wanted, ...asked, has })
  const specs = knownTensors(equation)
  const tensors = new Map(
    [...question.tensors].map(([name, value]) => {
      const spec = specs.get(name)
      if (spec === undefined) return [name, value] as const
      const drawn: Drawn = { name, spec, value, equation, config: question.config }
      return [name, probe.change?.(drawn, source.fork(name)) ?? value] as const
    }),
  )
  return buildQuestion(equation, tensors, question.asked)
}

/** Whether an input or param of the equation is filled so. */
export function isFilled(equation: Equation, ...fills: readonly TensorSpec['fill'][]): boolean {
  return [...knownTensors(equation).values()].some(({ fill }) => fills.includes(fill))
}

/** The tensors of a norm: its weight, and the bias that comes with it. */
export function isOfNorm(equation: Equation, name: string): boolean {
  const specs = knownTensors(equation)
  const spec = specs.get(name)
  return (
    spec?.fill === 'gain' ||
    (spec?.partner !== undefined && specs.get(`param.${spec.partner}`)?.fill === 'gain')
  )
}

/** A float32 tensor of what `f` says of every index. */
export function reals(shape: Shape, f: (index: number) => number): Value {
  const data = new Float32Array(sizeOf(shape))
  for (let i = 0; i < data.length; i++) data[i] = f(i)
  return { kind: 'dense', tensor: tensor(data, shape) }
}

/** A drawn dense tensor with `f` applied to every element; a mask stays. */
export function mapped({ value }: Drawn, f: (x: number, index: number) => number): Value {
  return value.kind === 'mask' ? value : reals(value.tensor.shape, (i) => f(value.tensor.data[i], i))
}

/** The extent of the last axis. */
export function rowLength(x: Tensor | MaskArray): number {
  return x.shape.at(-1) ?? 1
}
