import type { Tensor } from '../../../../reference/tensor.ts'
import { altered, callsOf, places, type Direction, type Suspects } from '../direction.ts'
import { map, mapRows } from '../elements.ts'
import { bf16, fp16 } from '../formats.ts'
import type { Rules } from '../traced.ts'

/** log₂e as people type it. */
const LOG2E_OF_FIVE_DIGITS = Number('1.4427')

/** What a bug adds to the denominator of a row of so many keys, the maximum taken off first. */
type Extra = (max: number, keys: number) => number

/** Softmax of a row of which some may be −∞, with `extra` more in the denominator. */
function softmaxOf(row: Float64Array, extra: Extra): Float64Array {
  const max = row.reduce((most, value) => Math.max(most, value), -Infinity)
  if (max === -Infinity) return row.map(() => 0)
  const powers = row.map((value) => Math.exp(value - max))
  const sum = powers.reduce((total, power) => total + power, 0) + extra(max, row.length)
  return powers.map((power) => power / sum)
}

/** What a bug does to a row: the logits it takes, those left out being −∞, and what it adds to the denominator. */
interface Change {
  readonly name: string
  readonly says: string
  readonly scale?: string
  readonly logits?: (row: Float64Array) => Float64Array
  readonly extra?: Extra
}

/** exp(x) as 2^(k·x). */
function powersOfTwo(name: string, says: string, k: number): Change {
  const factor = k * Math.LN2
  return { name, says, scale: 'temperature', logits: (row) => row.map((x) => x * factor) }
}

/** Without the entry that is held first or last. */
function without(
  which: (held: readonly number[]) => number | undefined,
): (row: Float64Array) => Float64Array {
  return (row) => {
    const held = [...row.keys()].filter((i) => row[i] !== -Infinity)
    const gone = which(held)
    return row.map((x, i) => (i === gone ? -Infinity : x))
  }
}

const CHANGES: readonly Change[] = [
  powersOfTwo('log2e=1.4427', 'exp(x) as 2^(1.4427·x)', LOG2E_OF_FIVE_DIGITS),
  powersOfTwo('log2e=1.44', 'exp(x) as 2^(1.44·x)', 1.44),
  powersOfTwo('log2e-bf16', 'exp(x) as 2^(x·log₂e) with log₂e in bfloat16', bf16.round(Math.LOG2E)),
  powersOfTwo('base-2', '2^x in place of exp(x)', 1),
  {
    name: 'padded-key',
    says: 'a padded key, one logit of 0 more',
    scale: 'padding',
    extra: (max) => Math.exp(-max),
  },
  ...[4, 8, 16, 32, 64].map((tile): Change => ({
    name: `padded-to-${tile}`,
    says: `keys padded to a multiple of ${tile}, logits of 0,`,
    scale: 'padding',
    extra: (max, keys) => (Math.ceil(keys / tile) * tile - keys) * Math.exp(-max),
  })),
  {
    name: 'last-key',
    says: 'the last key dropped',
    logits: without((held) => held.at(-1)),
  },
  {
    name: 'first-key',
    says: 'the first key dropped',
    logits: without((held) => held.at(0)),
  },
  ...[1e-6, 1e-5, 1e-8, 1].map((epsilon): Change => ({
    name: `denominator+${epsilon}`,
    says: `softmax denominator + ${epsilon}`,
    extra: () => epsilon,
  })),
]

/** Suspected bugs of softmax: its temperature, its keys, its denominator, its axis. */
export const softmaxes: Suspects = (tape) =>
  places(callsOf(tape, 'softmax', 'maskedSoftmax'), ({ shownIn }) => shownIn).flatMap(
    ({ id, says, calls }): Direction[] => {
      const direction = (change: Change): Direction => {
        const apply = (x: Tensor): Tensor =>
          mapRows(x, (row) => softmaxOf((change.logits ?? same)(row), change.extra ?? none))
        return {
          id: `softmax/${change.name}${id}`,
          says: `${change.says}${says}`,
          ...(change.scale === undefined ? {} : { scale: `softmax/${change.scale}${id}` }),
          run: altered(tape, calls, (usual) => masked(usual, apply)),
        }
      }
      return [
        CHANGES.map(direction),
        {
          id: `softmax/other-axis${id}`,
          says: `softmax over the queries, not the keys${says}`,
          run: altered(tape, calls, (usual) => ({
            softmax: (x) =>
              x.shape.length < 2
                ? usual.softmax(x)
                : usual.swapAxes(usual.softmax(usual.swapAxes(x, -1, -2)), -1, -2),
          })),
        },
        {
          id: `softmax/masked-zeros${id}`,
          says: `masked logits of 0, not −∞${says}`,
          run: altered(tape, calls, (usual) => ({
            maskedSoftmax: (mask, { values }) => usual.select(mask, usual.softmax(values)),
          })),
        },
        {
          id: `softmax/unmasked-zeros${id}`,
          says: `masked logits of 0, not −∞, and their weights kept${says}`,
          run: altered(tape, calls, (usual) => ({
            maskedSoftmax: (_, { values }) => usual.compress(usual.softmax(values)),
          })),
        },
        ...[bf16, fp16].map(({ name, short, round }): Direction => ({
          id: `softmax/weights-${name}${id}`,
          says: `softmax weights rounded to ${name}${says}`,
          // as a factor alone, or in the file as well
          profile: calls.some((call) => tape.reach(call).has(call.shownIn)) ? short : `${short}-inputs`,
          run: altered(tape, calls, (usual) => ({
            softmax: (x) => map(usual.softmax(x), round),
            maskedSoftmax: (mask, x) => {
              const { values, kept } = usual.maskedSoftmax(mask, x)
              return { values: map(values, round), kept }
            },
          })),
        })),
        {
          id: `softmax/no-normalisation${id}`,
          says: `exp(x − max), not divided by its sum${says}`,
          run: altered(tape, calls, (usual) =>
            masked(usual, (x) =>
              mapRows(x, (row) => {
                const max = row.reduce((most, value) => Math.max(most, value), -Infinity)
                return row.map((value) => (value === -Infinity ? 0 : Math.exp(value - max)))
              }),
            ),
          ),
        },
      ].flat()
    },
  )

function same(row: Float64Array): Float64Array {
  return row
}

function none(): number {
  return 0
}

/** One softmax for whole rows and for kept entries alone. */
function masked(usual: Rules, apply: (x: Tensor) => Tensor): Partial<Rules> {
  return {
    softmax: apply,
    maskedSoftmax: (mask, { values }) =>
      usual.select(mask, apply(map(values, (x, i) => (mask.kept[i] === 1 ? x : -Infinity)))),
  }
}

/** Suspected bugs of log-softmax: base, temperature, classes. */
export const logSoftmaxes: Suspects = (tape) =>
  places(callsOf(tape, 'logSoftmax'), ({ shownIn }) => shownIn).flatMap(
    ({ id, says, calls }): Direction[] => {
      const direction = (
        name: string,
        sentence: string,
        apply: (usual: Rules, x: Tensor) => Tensor,
      ): Direction => ({
        id: `log-softmax/${name}${id}`,
        says: `${sentence}${says}`,
        run: altered(tape, calls, (usual) => ({ logSoftmax: (x) => apply(usual, x) })),
      })
      const epsilonInside = (epsilon: number) => (_: Rules, x: Tensor) =>
        mapRows(x, (row) => softmaxOf(row, none).map((p) => Math.log(p + epsilon)))
      return [
        direction('log2', 'log₂ in place of the natural logarithm', (usual, x) =>
          usual.scale(usual.logSoftmax(x), Math.LOG2E),
        ),
        [1e-8, 1e-6, 1e-5, 1e-10].map((epsilon) =>
          direction(`epsilon=${epsilon}`, `log(p + ${epsilon})`, epsilonInside(epsilon)),
        ),
        direction('no-log-sum', 'x − max, the logarithm of the sum not taken off', (_, x) =>
          mapRows(x, (row) => {
            const max = row.reduce((most, value) => Math.max(most, value), -Infinity)
            return row.map((value) => value - max)
          }),
        ),
        direction('no-log', 'probabilities in place of their logarithms', (usual, x) => usual.softmax(x)),
        direction('log2e=1.4427', 'exp(x) as 2^(1.4427·x)', (_, x) =>
          mapRows(x, (row) => {
            const max = row.reduce((most, value) => Math.max(most, value), -Infinity)
            const sum = row.reduce((total, value) => total + 2 ** (LOG2E_OF_FIVE_DIGITS * (value - max)), 0)
            return row.map((value) => value - max - Math.log(sum))
          }),
        ),
      ].flat()
    },
  )
