import type { Primitive } from '../../../reference/arithmetic.ts'
import { float32Dense } from '../../../reference/float32/index.ts'
import { evaluate } from '../../arithmetics/evaluate.ts'
import { sample } from '../sample.ts'
import type { Equation } from '../schema.ts'

/** Small questions that are tried: enough to meet every choice of the config. */
const TRIED = 12

const known = new Map<string, ReadonlySet<Primitive>>()

/** The primitives that the equation's text uses with some config, found by running it. */
export function primitivesOf(equation: Equation): ReadonlySet<Primitive> {
  const found = known.get(equation.id) ?? new Set(used(equation))
  known.set(equation.id, found)
  return found
}

function used(equation: Equation): Primitive[] {
  const reference = float32Dense()
  const met: Primitive[] = []
  const rules = new Proxy(reference.rules, {
    get(target, name: Primitive) {
      // noted when it is called: whoever records copies all rules first
      return (...operands: unknown[]): unknown => {
        met.push(name)
        return Reflect.apply(target[name], target, operands)
      }
    },
  })
  for (let seed = 0; seed < TRIED; seed++) {
    evaluate({ ...reference, rules }, sample(equation, seed, { largest: 3 }))
  }
  return met
}
