import { altered, callsOf, shortName, type Direction, type Suspects } from '../direction.ts'
import { map } from '../elements.ts'
import { bf16, fp16, tf32, type Format } from '../formats.ts'
import type { Call, Tape } from '../tape.ts'
import { traced, type Rules } from '../traced.ts'

const LINEAR = ['linear', 'convolve'] as const

/** A bias left out, of each linear layer and convolution that has one. */
export const missingBiases: Suspects = (tape) =>
  layersOf(callsOf(tape, ...LINEAR).filter(({ operands }) => operands[2] !== undefined)).map(
    (calls): Direction => ({
      id: `bias-missing/${nameOfLayer(tape, calls[0])}`,
      says: `the bias of ${nameOfLayer(tape, calls[0])} left out`,
      repeated: (times) =>
        `the bias of ${nameOfLayer(tape, calls[0])} added ${times === 2 ? 'twice' : `${times} times`}`,
      run: altered(tape, calls, (usual) => ({
        linear: (x, weight, bias) => {
          const y = usual.linear(x, weight, bias)
          return bias === undefined ? y : usual.subtract(y, bias)
        },
        convolve: (x, weight, bias, groups) => {
          const y = usual.convolve(x, weight, bias, groups)
          return bias === undefined ? y : usual.subtract(y, bias)
        },
      })),
    }),
  )

/** No bias in any layer: a kernel that does not add them. */
export const noBiases: Suspects = (tape) => {
  const calls = callsOf(tape, ...LINEAR).filter(({ operands }) => operands[2] !== undefined)
  if (layersOf(calls).length < 2) return []
  return [
    {
      id: 'bias-missing-everywhere',
      says: 'the biases of all layers left out',
      gross: true,
      run: altered(tape, calls, (usual) => ({
        linear: (x, weight) => usual.linear(x, weight),
        convolve: (x, weight, _, groups) => usual.convolve(x, weight, undefined, groups),
      })),
    },
  ]
}

/** Calls by the layer that they are of, and by where they show: key windows of several sizes each have their own. */
function layersOf(calls: readonly Call[]): Call[][] {
  const layers: Call[][] = []
  for (const call of calls) {
    const same = layers.find(
      ([first]) => first.operands[1] === call.operands[1] && first.shownIn === call.shownIn,
    )
    if (same === undefined) layers.push([call])
    else same.push(call)
  }
  return layers
}

/** A bias added once more, where a weight is used a second time without it. */
export const repeatedBiases: Suspects = (tape) => {
  const linears = callsOf(tape, 'linear')
  return linears.flatMap((call): Direction[] => {
    const [, weight, bias] = call.operands
    const other = linears.find(({ operands }) => operands[1] === weight && operands[2] !== undefined)
    if (bias !== undefined || other === undefined) return []
    const added = tape.question.tensors.get(`param.${shortName(tape, weight)}.bias`)
    if (added?.kind !== 'dense') return []
    return [
      {
        id: `bias-repeated/${call.shownIn}`,
        says: `the bias of ${nameOfLayer(tape, call)} added in ${call.shownIn} too`,
        run: altered(tape, [call], (usual) => ({
          linear: (x, w) =>
            usual.add(
              usual.linear(x, w),
              map(added.tensor, (value) => value),
            ),
        })),
      },
    ]
  })
}

/** A square weight used untransposed. */
export const transposedWeights: Suspects = (tape) =>
  layersOf(callsOf(tape, 'linear')).flatMap((calls): Direction[] => {
    const [call] = calls
    const value = tape.question.tensors.get(`param.${shortName(tape, call.operands[1])}.weight`)
    if (value?.kind !== 'dense' || value.tensor.shape[0] !== value.tensor.shape[1]) return []
    return [
      {
        id: `weight-transposed/${nameOfLayer(tape, call)}/${call.shownIn}`,
        says: `x W in place of x Wᵀ in ${nameOfLayer(tape, call)}`,
        run: altered(tape, calls, (usual) => ({
          linear: (x, weight, bias) => usual.linear(x, usual.swapAxes(weight, 0, 1), bias),
        })),
      },
    ]
  })

/** What has a name stored in a shorter format, and gone on with. */
export const shortResults: Suspects = (tape) => {
  const stored = ({ name, round }: Format): Direction => ({
    id: `stored/${name}`,
    says: `results stored as ${name}`,
    costly: true,
    run: altered(tape, naming(tape), (usual) => changing(usual, round)),
  })
  return [{ ...stored(bf16), profile: 'bf16' }, { ...stored(fp16), profile: 'fp16' }, stored(tf32)]
}

/** δ of a gain 1 + δ; the direction is one of any gain, β times as large. */
const GAIN = 2 ** -12

/** Each of the runtime's tensors larger by a factor, whatever the cause. */
export const gains: Suspects = (tape) =>
  naming(tape)
    .filter((call) => tape.reach(call).has(call.shownIn))
    .map((call) => ({
      id: `gain/${call.shownIn}`,
      says: `${call.shownIn} larger by β·2⁻¹² of itself`,
      sized: (beta) => `${call.shownIn} ${Number((1 + beta * GAIN).toPrecision(6))} times what it should be`,
      run: altered(tape, [call], (usual) => changing(usual, (x) => x * (1 + GAIN))),
    }))

/** The calls that give what has a name. */
function naming({ calls, exposed }: Tape): Call[] {
  const named = new Set([...exposed.values()].map(({ x }) => x))
  return calls.filter(({ result }) => named.has(result.x))
}

/** Rules of which every result is changed, element by element. */
function changing(usual: Rules, change: (x: number) => number): Rules {
  return traced(usual, (_step, _operands, perform) => {
    const result = perform(usual)
    if (result.kind === 'dense') return { kind: 'dense', x: map(result.x, change) }
    if (result.kind === 'sparse') {
      return { kind: 'sparse', x: { ...result.x, values: map(result.x.values, change) } }
    }
    return result
  })
}

/** The layer that a call is of, by its weight: `attn.q`, of stacked layers the second `semantic.attn.q[1]`. */
export function nameOfLayer(tape: Tape, { operands, shownIn }: Call): string {
  return nameWithin(tape, operands[1]) ?? `the layer before ${shownIn}`
}

/** The name of a tensor, or of what it was cut out of along the first axis, and where. */
function nameWithin(tape: Tape, operand: unknown): string | undefined {
  const name = shortName(tape, operand)
  const maker = tape.calls.find(({ result }) => result.x === operand)
  if (name !== undefined || maker === undefined) return name
  const [whole, axis, start] = maker.operands
  if (maker.step === 'reshape') return nameWithin(tape, whole)
  if (maker.step !== 'slice' || axis !== 0) return undefined
  const cut = nameWithin(tape, whole)
  return cut === undefined ? undefined : `${cut}[${Number(start)}]`
}
