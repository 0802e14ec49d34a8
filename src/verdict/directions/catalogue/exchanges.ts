import type { Value } from '../../../../reference/evaluator.ts'
import { sameShape, type Shape } from '../../../../reference/tensor.ts'
import { altered, callsOf, shortName, type Direction, type Suspects } from '../direction.ts'
import { shapeOf } from '../elements.ts'
import type { Tape } from '../tape.ts'
import { nameOfLayer } from './products.ts'

/** Names of tensors that are taken for one another, where they are of one shape: what stands in one for what stands in the other. */
const TAKEN: readonly (readonly [one: string, other: string])[] = [
  ['attn.q', 'attn.k'],
  ['attn.k', 'attn.v'],
  ['attn.q', 'attn.v'],
  ['attn.v', 'attn.proj'],
  ['norm1', 'norm2'],
  ['layer_scale_1', 'layer_scale_2'],
  ['intra.dw', 'inter.dw'],
  ['intra.norm', 'inter.norm'],
  ['input.Q', 'input.K'],
]

/** Params or inputs exchanged, or one taken for both: a checkpoint converted with its layers in another order. */
export const exchanges: Suspects = (tape) =>
  TAKEN.flatMap(([one, other]) => {
    const pairs = pairsOf(tape, one, other)
    if (pairs.length === 0) return []
    const [a, b] = [one, other].map((name) => name.replace('input.', ''))
    const direction = (id: string, says: string, gone: ReadonlyMap<string, string>): Direction[] => {
      const taken = [...gone.keys()]
      return [
        {
          id: `exchanged/${id}`,
          says,
          gross: true,
          run: {
            at: tape.calls.filter(({ operands }) =>
              operands.some((operand) => taken.includes(tape.nameOf(operand) ?? '')),
            ),
            evaluate: () => {
              const { question } = tape
              const tensors = new Map<string, Value>(question.tensors)
              for (const [name, from] of gone) {
                const value = question.tensors.get(from)
                if (value !== undefined) tensors.set(name, value)
              }
              return tape.replay(() => undefined, { ...question, tensors })
            },
          },
        },
      ]
    }
    return [
      direction(`${a}<->${b}`, `${a} and ${b} exchanged`, new Map([...pairs, ...pairs.map(turned)])),
      direction(`${a}->${b}`, `${a} taken for ${b} as well`, new Map(pairs.map(turned))),
      direction(`${b}->${a}`, `${b} taken for ${a} as well`, new Map(pairs)),
    ].flat()
  })

function turned([one, other]: readonly [string, string]): [string, string] {
  return [other, one]
}

/** The tensors of the question that have the one name and the other; none unless they come in pairs of one shape. */
function pairsOf({ question: { tensors } }: Tape, one: string, other: string): [string, string][] {
  const pairs: [string, string][] = []
  for (const name of tensors.keys()) {
    if (`${name}.`.includes(`.${one}.`) || name === one) pairs.push([name, name.replace(one, other)])
    else if (`${name}.`.includes(`.${other}.`) && !tensors.has(name.replace(other, one))) return []
  }
  const isPair = pairs.every(([name, partner]) => {
    const [x, y] = [tensors.get(name), tensors.get(partner)]
    return x !== undefined && y !== undefined && sameShape(shapeIn(x), shapeIn(y))
  })
  return isPair ? pairs : []
}

function shapeIn(value: Value): Shape {
  return value.kind === 'mask' ? value.mask.shape : value.tensor.shape
}

/** An input taken for one of the equation's own tensors: the residual of the FFN from before attention, the FFN of what was not attended. */
export const stale: Suspects = (tape) => {
  const inputs = [...tape.question.tensors.keys()].filter((name) => name.startsWith('input.'))
  return callsOf(tape, 'add', 'layerNorm', 'linear').flatMap((call): Direction[] => {
    const at = call.step === 'add' ? 1 : 0
    const operand = call.operands[at]
    const path = [...tape.exposed].find(
      ([name, { x }]) => x === operand || tape.nameOf(operand) === name,
    )?.[0]
    if (path === undefined) return []
    return inputs.flatMap((name): Direction[] => {
      const value = tape.question.tensors.get(name)
      if (value?.kind !== 'dense' || !sameShape(value.tensor.shape, shapeOf(operand))) return []
      const input = value.tensor
      const of =
        call.step === 'linear'
          ? `taken in ${nameOfLayer(tape, call)}`
          : `${call.step === 'add' ? 'added' : 'taken'} in ${call.shownIn}`
      return [
        {
          id: `stale/${name}/${call.shownIn}/${call.index}`,
          says: `${name.replace('input.', '')} ${of}, not ${shortName(tape, operand) ?? path}`,
          gross: true,
          run: altered(tape, [call], (usual) => ({
            add: (x) => usual.add(x, input),
            layerNorm: (_, weight, bias, eps) => usual.layerNorm(input, weight, bias, eps),
            linear: (_, weight, bias) => usual.linear(input, weight, bias),
          })),
        },
      ]
    })
  })
}

/** What is added to a part of a concatenation elsewhere added there too: S¹ + G among the keys. */
export const sumsAmongParts: Suspects = (tape) =>
  callsOf(tape, 'concat').flatMap((call) =>
    callsOf(tape, 'add').flatMap((sum): Direction[] => {
      const part = call.operands.indexOf(sum.operands[0])
      if (part < 0 || sum.index > call.index || sum.result.kind !== 'dense') return []
      const { x } = sum.result
      const [a, b] = sum.operands.map((operand) => shortName(tape, operand) ?? 'a term')
      return [
        {
          id: `sum/among-parts/${call.index}`,
          says: `${a} + ${b}, not ${a}, in the concatenation before ${call.shownIn}`,
          gross: true,
          run: altered(tape, [call], (usual) => ({
            concat: (xs, axis) =>
              usual.concat(
                xs.map((y, i) => (i === part ? x : y)),
                axis,
              ),
          })),
        },
      ]
    }),
  )
