import type { Arithmetic } from '../../reference/arithmetic.ts'
import { tensor } from '../../reference/tensor.ts'
import type { Bounded, BoundedKinds } from '../../src/verdict/bounded/bounded.ts'
import type { Machine } from '../bounds-machine.ts'

export type BoundedRules = Arithmetic<BoundedKinds>

/** Numbers v of which a machine holds anything within b. */
export interface Operand {
  readonly v: readonly number[]
  readonly b: readonly number[]
}

/** A primitive: what the bounded arithmetic says of it, and the forms in which a machine computes it. */
export interface Primitive {
  readonly name: string
  bounded(rules: BoundedRules, operands: readonly Operand[]): Bounded
  /** Whether it only chooses among its operands: nothing is rounded. */
  readonly chooses?: boolean
  readonly forms: Readonly<Record<string, (m: Machine, operands: readonly (readonly number[])[]) => number[]>>
}

export function exact(...v: readonly number[]): Operand {
  return { v, b: v.map(() => 0) }
}

export function within(bound: number, ...v: readonly number[]): Operand {
  return { v, b: v.map(() => bound) }
}

export function row({ v, b }: Operand, shape: readonly number[] = [1, v.length]): Bounded {
  const make = (values: readonly number[]): Bounded['v'] => tensor(Float64Array.from(values), shape)
  return { v: make(v), b: make(b), s2: make(v.map(() => 0)) }
}

export const each =
  (operation: (m: Machine, ...values: number[]) => number) =>
  (m: Machine, operands: readonly (readonly number[])[]): number[] =>
    operands[0].map((_, i) => operation(m, ...operands.map((operand) => operand[i])))

export const all =
  (operation: (m: Machine, ...operands: (readonly number[])[]) => number) =>
  (m: Machine, operands: readonly (readonly number[])[]): number[] => [operation(m, ...operands)]

/** What a machine finds: every result in the format that its profile has for them. */
export function foundBy(
  primitive: Primitive,
  form: string,
  m: Machine,
  operands: readonly (readonly number[])[],
): number[] {
  const results = primitive.forms[form](m, operands)
  return primitive.chooses === true ? results : results.map((x) => m.result(x))
}

export const largest = (z: readonly number[]): number => z.reduce((most, value) => Math.max(most, value))
