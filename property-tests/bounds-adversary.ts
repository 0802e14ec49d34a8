import type { Profile } from '../src/verdict/profile/profile.ts'
import { Machine, type Ways } from './bounds-machine.ts'
import { foundBy, type BoundedRules, type Operand, type Primitive } from './bounds-primitives/index.ts'

/** A runtime's result and how far it may be from truth. */
export interface Attack {
  readonly name: string
  readonly profile: Profile
  readonly primitive: Primitive
  readonly operands: readonly Operand[]
  readonly at: number
  readonly found: number
}

/** |found − v| as a share of b; Infinity where b is 0 and found is not v. */
export function shareOf(rules: BoundedRules, { primitive, operands, at, found: reached }: Attack): number {
  const { v, b } = primitive.bounded(rules, operands)
  const error = Math.abs(reached - v.data[at])
  return error === 0 || b.data[at] === Infinity ? 0 : error / b.data[at]
}

const WAYS: Ways = { order: 'forward', fused: false, reciprocal: true }

/**
 * The worst that a model machine may find of one element: the choices of all its operations climbed, one by one, to where the
 * element is farthest from truth, in either direction.
 */
export function climb(
  rules: BoundedRules,
  profile: Profile,
  primitive: Primitive,
  form: string,
  operands: readonly Operand[],
  at = 0,
  ways: Partial<Ways> = {},
): Attack {
  const truth = primitive.bounded(rules, operands).v.data[at]
  const evaluate = (choices: number[]): number => {
    let asked = 0
    const choose = (): number => (choices[asked++] ??= 1)
    const machine = new Machine(profile, { ...WAYS, ...ways }, choose, true)
    const inputs = operands.map(({ v, b }) => v.map((value, i) => machine.within(value, b[i])))
    return foundBy(primitive, form, machine, inputs)[at]
  }
  const farthest = [1, -1].flatMap((direction) =>
    [1, -1, 0].map((start) => {
      const choices: number[] = []
      evaluate(choices)
      choices.fill(start)
      let best = direction * (evaluate(choices) - truth)
      for (let gained = true, sweep = 0; gained && sweep < 4; sweep++) {
        gained = false
        for (let i = 0; i < choices.length; i++) {
          for (const choice of [1, -1, 0]) {
            const before = choices[i]
            choices[i] = choice
            const reached = direction * (evaluate(choices) - truth)
            if (reached > best) [best, gained] = [reached, true]
            else choices[i] = before
          }
        }
      }
      return { found: truth + direction * best, best }
    }),
  )
  const worst = farthest.reduce((a, b) => (b.best > a.best ? b : a))
  return { name: `${primitive.name}, ${form}`, profile, primitive, operands, at, found: worst.found }
}
