import type { Arithmetic, Kinds } from '../../reference/arithmetic.ts'
import type { Evaluator, MaskArray, Value } from '../../reference/evaluator.ts'
import { sameShape, tensor, type Shape, type Tensor } from '../../reference/tensor.ts'
import { evaluate } from '../arithmetics/evaluate.ts'
import { read } from '../arithmetics/recording.ts'
import { sample, type SampleOptions } from '../catalogue/sample.ts'
import { findEquation } from '../cases/names.ts'
import { buildQuestion, type Question } from '../cases/question.ts'
import type { Config } from '../catalogue/schema.ts'
import { coordinates } from '../cases/read-case.ts'
import { GROSS_DEVIATIONS } from '../verdict/interim/compare-dense.ts'
import { noise, noiseArithmetic } from '../verdict/interim/noise-arithmetic.ts'
import { FLUSH } from '../verdict/interim/noise.ts'
import { LawBroken, type Trial } from './law.ts'

/** A tensor computed by the arithmetic under test, with the variance of the noise it may have. */
export interface Measured {
  readonly tensor: Tensor
  readonly s2: Tensor
}

/** A computation written over any arithmetic; `dense` brings tensors in. */
export type Computation = <K extends Kinds>(a: Arithmetic<K>, dense: (x: Tensor) => K['Dense']) => K['Dense']

/** What a law may do: draw questions, change them, answer them in the arithmetic under test, compare. */
export interface Lab {
  /** A random question of the equation. */
  sample(id: string, trial: Trial, options?: SampleOptions): Question
  /** Answers a question: every exposed tensor by name. */
  answer(question: Question): Answer
  /** Runs a computation on primitives. */
  compute(computation: Computation): Measured
}

/** The answer to one question. */
export interface Answer {
  /** A real output or intermediate. */
  dense(name: string): Measured
  mask(name: string): MaskArray
}

/** A laboratory around the arithmetic under test. */
export function laboratory<K extends Kinds>(evaluator: Evaluator<K>): Lab {
  return {
    sample: (id, { seed, largest }, options) => sample(findEquation(id), seed, { largest, ...options }),
    answer(question) {
      const found = evaluate(evaluator, question)
      const noisy = evaluate(noise, question)
      const valueOf = (name: string): Value => {
        const exposed = found.get(name)
        if (exposed === undefined) throw new TypeError(`${question.equation.id} exposes no ${name}`)
        return read(evaluator, exposed)
      }
      return {
        dense(name) {
          const value = valueOf(name)
          const scale = noisy.get(name)
          if (value.kind !== 'dense' || scale === undefined || scale.kind === 'mask') {
            throw new TypeError(`${name} is no dense tensor`)
          }
          return { tensor: value.tensor, s2: scale.x.s2 }
        },
        mask(name) {
          const value = valueOf(name)
          if (value.kind !== 'mask') throw new TypeError(`${name} is no mask`)
          return value.mask
        },
      }
    },
    compute(computation) {
      const found = evaluator.readDense(computation(evaluator.rules, (x) => evaluator.dense(x)))
      const { s2 } = computation(noiseArithmetic, (x) => noise.dense(x))
      return { tensor: found, s2 }
    },
  }
}

/** The dense tensor of a question, by `input.NAME` or `param.NAME`. */
export function tensorOf({ tensors, equation }: Question, name: string): Tensor {
  const value = tensors.get(name)
  if (value?.kind !== 'dense') throw new TypeError(`${equation.id} has no dense ${name} here`)
  return value.tensor
}

/** The mask of a question, by `input.NAME`. */
export function maskOf({ tensors, equation }: Question, name: string): MaskArray {
  const value = tensors.get(name)
  if (value?.kind !== 'mask') throw new TypeError(`${equation.id} has no mask ${name} here`)
  return value.mask
}

/** The same question with some tensors and config keys changed; shapes may change with them. */
export function changed(
  { equation, tensors, asked }: Question,
  changes: Readonly<Record<string, Tensor | MaskArray>>,
  config: Config = {},
): Question {
  return ask(equation.id, { ...Object.fromEntries(tensors), ...valuesOf(changes) }, { ...asked, ...config })
}

/** A question put together by hand. */
export function ask(id: string, tensors: Readonly<Record<string, Value>>, config: Config): Question {
  return buildQuestion(findEquation(id), new Map(Object.entries(tensors)), config)
}

/** Tensors and masks as values; a mask is what has bytes. */
export function valuesOf(tensors: Readonly<Record<string, Tensor | MaskArray>>): Record<string, Value> {
  const values: Record<string, Value> = {}
  for (const [name, x] of Object.entries(tensors)) {
    values[name] = 'stride' in x ? { kind: 'dense', tensor: x } : { kind: 'mask', mask: x }
  }
  return values
}

/** A value known exactly: a constant a law compares with. */
export function exact(x: Tensor): Measured {
  return { tensor: x, s2: tensor(new Float64Array(x.size), x.shape) }
}

/** The same change (a permutation, a slice, a reshape) of values and noise. */
export function measuredLike({ tensor: x, s2 }: Measured, change: (x: Tensor) => Tensor): Measured {
  return { tensor: change(x), s2: change(s2) }
}

/**
 * Two measured tensors agree within their noise: |a − b| ≤ 30·√(s_a² + s_b²), 30 standard deviations being what no
 * legal runtime was seen to exceed.
 * @throws LawBroken at the element that is furthest off
 */
export function agree(what: string, a: Measured, b: Measured): void {
  if (!sameShape(a.tensor.shape, b.tensor.shape)) {
    throw new LawBroken(`${what}: shapes [${a.tensor.shape.join(', ')}] and [${b.tensor.shape.join(', ')}]`)
  }
  let [worst, most] = [-1, 1]
  for (let i = 0; i < a.tensor.size; i++) {
    const off = Math.abs(a.tensor.data[i] - b.tensor.data[i]) - 2 * FLUSH
    if (off <= 0) continue
    const share = off / (GROSS_DEVIATIONS * Math.sqrt(a.s2.data[i] + b.s2.data[i]))
    if (!(share <= most)) [worst, most] = [i, share]
  }
  if (worst !== -1) {
    const place = coordinates(worst, a.tensor.shape)
    throw new LawBroken(
      `${what}: at ${place} ${a.tensor.data[worst]} and ${b.tensor.data[worst]}, ${most.toPrecision(3)} times what noise allows`,
    )
  }
}

/**
 * Two tensors have the same bits, but for the sign of zero.
 * @throws LawBroken at the first element that differs
 */
export function identical(what: string, a: Tensor | MaskArray, b: Tensor | MaskArray): void {
  if (!sameShape(a.shape, b.shape)) {
    throw new LawBroken(`${what}: shapes [${a.shape.join(', ')}] and [${b.shape.join(', ')}]`)
  }
  for (let i = 0; i < a.data.length; i++) {
    if (a.data[i] !== b.data[i] && !(Number.isNaN(a.data[i]) && Number.isNaN(b.data[i]))) {
      throw new LawBroken(
        `${what}: at ${coordinates(i, a.shape)} ${a.data[i]} and ${b.data[i]}, expected the same`,
      )
    }
  }
}

/** @throws LawBroken with `message` unless `condition` */
export function demand(condition: boolean, message: () => string): void {
  if (!condition) throw new LawBroken(message())
}

/** The shape's rows: how many, and how long. */
export function rowsOf(shape: Shape): { count: number; width: number } {
  const width = shape.at(-1) ?? 1
  return { count: shape.slice(0, -1).reduce((product, extent) => product * extent, 1), width }
}
