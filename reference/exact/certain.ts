import type { Value } from '../evaluator.ts'
import { tensor, type Real, type Shape } from '../tensor.ts'
import { DIGITS, exactAnswer, type ExactTensor } from './answer.ts'
import type { ExactQuestion } from './ask.ts'
import type { Ball } from './numbers/ball.ts'
import { FLOAT32, FLOAT64, type FloatFormat } from './numbers/to-float.ts'
import { certainFloat, evenNeighbour, roundedEnds } from './rounding.ts'

/** A value that was taken to lie exactly between two floats, since nothing else could be shown. */
export interface Tie {
  readonly name: string
  /** Row-major position in the tensor. */
  readonly index: number
  readonly format: FloatFormat['name']
}

/** An answer, correctly rounded once per value. */
export interface CertainAnswer {
  readonly float32: ReadonlyMap<string, Value>
  readonly float64: ReadonlyMap<string, Value>
  /** The digits it took. */
  readonly digits: number
  /** Empty unless the limit was reached. */
  readonly ties: readonly Tie[]
}

export interface CertainOptions {
  /** Digits to begin with; 64 unless given. */
  readonly digits?: number
  /** Digits at which a value still undecided is taken for a tie; 512 unless given. */
  readonly limit?: number
}

/** With 512 digits whatever is really 0 is known to lie below every subnormal, and so rounds to 0 for certain. */
const LIMIT = 512

/**
 * Evaluates a question with 64 digits, then 128, 256 and 512, until the float32 and the float64 that each value rounds to
 * are certain.
 *
 * Every number carries a bound of its error (`numbers/ball.ts`). Its rounding is certain if both ends of the interval
 * round to the same float, or if the number is exact: sums and products of floats that fit into the digits are, also
 * when they lie half-way between two floats. What remains undecided with `limit` digits lies within its bound of the
 * middle between two neighbouring floats. It is taken to be that middle, rounds to the even one, and is listed in
 * `ties`: a true tie that came about by rounded steps (√x·√x), or a number closer to the middle than 512 digits show
 * (GELU(x) = x·(1 − 10⁻⁶⁰⁰)). Choices (`M` of Eq. 3, the threshold of Eq. 2) are made on exact numbers and always certain.
 * @throws RangeError where a value is undecided with `limit` digits and between more than two floats
 */
export function certain(
  question: ExactQuestion,
  { digits = DIGITS, limit = LIMIT }: CertainOptions = {},
): CertainAnswer {
  for (let working = digits; ; working = Math.min(2 * working, limit)) {
    const rounded = roundAll(exactAnswer(question, { digits: working }), working >= limit)
    if (rounded !== undefined) return { ...rounded, digits: working }
  }
}

/** Every value in both formats; undefined as soon as one is undecided, unless it is the `last` try. */
function roundAll(
  answer: ReadonlyMap<string, ExactTensor>,
  last: boolean,
): Omit<CertainAnswer, 'digits'> | undefined {
  const [float32, float64] = [new Map<string, Value>(), new Map<string, Value>()]
  const ties: Tie[] = []
  const round = (
    name: string,
    shape: Shape,
    values: readonly Ball[],
    data: Real,
    format: FloatFormat,
  ): Value | undefined => {
    for (const [index, ball] of values.entries()) {
      const ends = roundedEnds(ball, format)
      let float = certainFloat(ends)
      if (float === undefined) {
        if (!last) return undefined
        float = evenNeighbour(ends, format)
        if (float === undefined)
          throw new RangeError(`${name}[${index}]: undecided with ${ball.digits} digits`)
        ties.push({ name, index, format: format.name })
      }
      data[index] = float
    }
    return { kind: 'dense', tensor: tensor(data, shape) }
  }
  for (const [name, found] of answer) {
    if (found.kind === 'mask') {
      const value: Value = { kind: 'mask', mask: { shape: found.shape, data: found.data } }
      float32.set(name, value)
      float64.set(name, value)
      continue
    }
    const { shape, values } = found
    const single = round(name, shape, values, new Float32Array(values.length), FLOAT32)
    const double = single && round(name, shape, values, new Float64Array(values.length), FLOAT64)
    if (single === undefined || double === undefined) return undefined
    float32.set(name, single)
    float64.set(name, double)
  }
  return { float32, float64, ties }
}
