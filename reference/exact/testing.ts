import type { ExactInput, ExactQuestion } from './ask.ts'
import type { ExactTensor } from './answer.ts'

/** A tensor written down for a test: a number, or arrays of arrays of numbers, or such arrays of booleans for a mask. */
export type Written = number | boolean | readonly Written[]

/** A question from tensors by `input.NAME` and `param.NAME`, as tests write them down. */
export function questionOf(
  id: string,
  written: Readonly<Record<string, Written>>,
  config: Readonly<Record<string, number | string>> = {},
): ExactQuestion {
  const tensors = new Map(Object.entries(written).map(([name, values]) => [name, inputOf(values)]))
  return { equation: { id }, tensors, config, lead: [] }
}

/** The numbers of a tensor of an answer, each as the float64 nearest to its decimal digits. */
export function numbersOf(answer: ReadonlyMap<string, ExactTensor>, name: string): readonly number[] {
  const found = answer.get(name)
  if (found === undefined) throw new RangeError(`expected ${name}, found ${[...answer.keys()].join(', ')}`)
  return found.kind === 'mask' ? [...found.data] : found.values.map((ball) => ball.value.toNumber())
}

function inputOf(written: Written): ExactInput {
  const shape: number[] = []
  for (let inner = written; typeof inner === 'object'; inner = inner[0]) shape.push(inner.length)
  const flat = flattened(written)
  return flat.every((value) => typeof value === 'boolean')
    ? { kind: 'mask', mask: { shape, data: Uint8Array.from(flat, Number) } }
    : { kind: 'dense', tensor: { shape, data: Float32Array.from(flat, Number) } }
}

function flattened(written: Written): readonly (number | boolean)[] {
  return typeof written === 'object' ? written.flatMap(flattened) : [written]
}
