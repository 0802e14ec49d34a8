import type { Equation, ExposedSpec, TensorSpec } from '../catalogue/schema.ts'
import { catalogue } from '../catalogue/index.ts'
import { QuestionError } from '../errors.ts'
import { didYouMean, hintFor } from './suggest.ts'

/**
 * The equation with this id.
 * @throws QuestionError with the nearest known id
 */
export function findEquation(id: string, tensor = 'equation'): Equation {
  const found = catalogue.find((equation) => equation.id === id)
  if (found !== undefined) return found
  const ids = catalogue.map((equation) => equation.id)
  throw new QuestionError({
    tensor,
    expected: 'a known equation',
    found: `"${id}"`,
    hint: didYouMean(id, ids) ?? '"touchstone list" shows them',
  })
}

/** What the equation says of each tensor a case may hold, by its full name. */
export function knownTensors({ inputs, params }: Equation): ReadonlyMap<string, TensorSpec> {
  return new Map([
    ...Object.entries(inputs).map(([name, spec]) => [`input.${name}`, spec] as const),
    ...Object.entries(params).map(([name, spec]) => [`param.${name}`, spec] as const),
  ])
}

/** What the equation says of each `output.NAME`, outputs and documented intermediates, in order of computing. */
export function knownOutputs({ exposes }: Equation): ReadonlyMap<string, ExposedSpec> {
  return new Map(Object.entries(exposes).map(([name, spec]) => [`output.${name}`, spec]))
}

/**
 * Refuses names the equation does not have.
 * @throws QuestionError with the nearest known name, or the reason a name is refused
 */
export function checkNames(equation: Equation, names: Iterable<string>): void {
  const known = [...knownTensors(equation).keys(), ...knownOutputs(equation).keys()]
  for (const name of names) {
    if (known.includes(name)) continue
    const refusal = Object.entries(equation.refuses ?? {}).find(([param]) => name === `param.${param}`)
    throw new QuestionError({
      tensor: name,
      expected: refusal === undefined ? `a tensor of ${equation.id}` : `no such param in ${equation.id}`,
      found: refusal === undefined ? 'an unknown name' : 'one',
      hint: refusal === undefined ? hintFor(name, known, `"touchstone list ${equation.id}"`) : refusal[1],
    })
  }
}
