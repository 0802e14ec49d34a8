import { withRule, type Arithmetic, type Kinds } from '../../reference/arithmetic.ts'
import type { Evaluator, MaskArray, Value } from '../../reference/evaluator.ts'
import { float32, float32Dense } from '../../reference/float32/index.ts'
import { tensor, type Tensor } from '../../reference/tensor.ts'
import { evaluate } from '../arithmetics/evaluate.ts'
import { float64 } from '../arithmetics/float64.ts'
import { read, type Exposed } from '../arithmetics/recording.ts'
import { sample, type SampleOptions } from '../catalogue/sample.ts'
import { findEquation } from '../cases/names.ts'
import type { Question } from '../cases/question.ts'
import type { TensorFile } from '../cases/raw-tensor.ts'
import { decode, encode } from '../cases/safetensors.ts'
import { noise } from '../verdict/noise/arithmetic.ts'
import type { NoisyKinds } from '../verdict/noise/noise.ts'
import type { Law, Trial } from './law.ts'
import { measured, type Measured } from './measured.ts'

/** A computation written over any arithmetic; `dense` brings tensors in. */
export type Computation = <K extends Kinds>(a: Arithmetic<K>, dense: (x: Tensor) => K['Dense']) => K['Dense']

/** How tensor files are written and read. */
export interface Codec {
  encode(file: TensorFile): Uint8Array
  decode(bytes: Uint8Array): TensorFile
}

/** What a law may do: draw questions, answer them in the arithmetic under test, write and read files. */
export interface Lab {
  /** A random question of the equation. */
  sample(id: string, trial: Trial, options?: SampleOptions): Question
  /** Answers a question: every exposed tensor by name. */
  answer(question: Question): Answer
  /** Answers it on whole rows, in the precision under test: what compressed rows are held against. */
  answerOnWholeRows(question: Question): Answer
  /** Runs a computation on primitives. */
  compute(computation: Computation): Measured
  readonly codec: Codec
}

/** The answer to one question. */
export interface Answer {
  /** The names of what was exposed, in order of computing. */
  readonly names: readonly string[]
  /** A real output or intermediate; its noise is only worked out when it is looked at. */
  dense(name: string): Measured
  /** The values alone. */
  tensor(name: string): Tensor
  mask(name: string): MaskArray
}

/** A laboratory around the arithmetic under test. */
export function laboratory<K extends Kinds>(evaluator: Evaluator<K>, codec: Codec = { encode, decode }): Lab {
  return {
    sample: (id, { seed, largest }, options) => sample(findEquation(id), seed, { largest, ...options }),
    answer: (question) => answerIn(evaluator, question),
    answerOnWholeRows: (question) => answerIn(wholeRowsLike(evaluator), question),
    compute(computation) {
      const found = evaluator.readDense(computation(evaluator.rules, (x) => evaluator.dense(x)))
      return measured(found, () => computation(noise.rules, (x) => noise.dense(x)).s2)
    },
    codec,
  }
}

/** A laboratory in which the law's bug is planted. */
export function plantedLaboratory({ mutant }: Law): Lab {
  const sound = float32()
  if ('corrupt' in mutant) {
    const codec = { encode, decode }
    return laboratory(sound, { ...codec, ...mutant.corrupt(codec) })
  }
  return laboratory({ ...sound, rules: withRule(sound.rules, mutant.plant(sound.rules)) })
}

function answerIn<K extends Kinds>(evaluator: Evaluator<K>, question: Question): Answer {
  const found = evaluate(evaluator, question)
  let noisy: ReadonlyMap<string, Exposed<NoisyKinds>> | undefined
  const varianceOf = (name: string): Tensor => {
    noisy ??= evaluate(noise, question)
    const scale = noisy.get(name)
    if (scale === undefined || scale.kind === 'mask') throw new TypeError(`${name} is no dense tensor`)
    return scale.x.s2
  }
  const valueOf = (name: string): Value => {
    const exposed = found.get(name)
    if (exposed === undefined) throw new TypeError(`${question.equation.id} exposes no ${name}`)
    return read(evaluator, exposed)
  }
  const tensorOf = (name: string): Tensor => {
    const value = valueOf(name)
    if (value.kind !== 'dense') throw new TypeError(`${name} is no dense tensor`)
    return value.tensor
  }
  return {
    names: [...found.keys()],
    dense: (name) => measured(tensorOf(name), () => varianceOf(name)),
    tensor: tensorOf,
    mask(name) {
      const value = valueOf(name)
      if (value.kind !== 'mask') throw new TypeError(`${name} is no mask`)
      return value.mask
    },
  }
}

/** The dense text in the precision that the evaluator keeps. */
function wholeRowsLike<K extends Kinds>(evaluator: Evaluator<K>): ReturnType<typeof float64> {
  const kept = evaluator.readDense(evaluator.dense(tensor(new Float64Array(1), [])))
  return kept.data instanceof Float64Array ? float64() : float32Dense()
}
