import { boundedOf } from '../../src/verdict/bounded/arithmetic.ts'
import type { Profile } from '../../src/verdict/profile/profile.ts'
import { portable } from '../../src/verdict/profile/shipped.ts'
import { climb, type Attack } from '../bounds-adversary.ts'
import type { Ways } from '../bounds-machine.ts'
import { exact, type Operand, type Primitive } from '../bounds-primitives/index.ts'

/** An attack and the share of the bound that it is known to reach. */
export interface Climbed extends Attack {
  readonly atLeast: number
}

type Functions = Partial<Profile['functions']>

/** A profile without functions' errors, rewrites or flushing: what is added is what an attack is about. */
export function quiet(
  functions: Functions = {},
  rewrites: Partial<Profile['rewrites']> = {},
  others: Partial<Profile> = {},
): Profile {
  return {
    ...portable,
    flushSubnormals: false,
    functions: {
      exp: { ulp: 0, ulpPerUnit: 0 },
      log: { ulp: 0, nearOne: 0 },
      divide: { ulp: 0 },
      inverseSqrt: { ulp: 0 },
      erf: { absolute: 0 },
      ...functions,
    },
    rewrites: {
      onePassLayerNorm: false,
      foldedLayerNorm: false,
      unshiftedSoftmax: false,
      logSumExpSoftmax: false,
      onlineRescales: 0,
      foldedScale: false,
      stepwise: false,
      ...rewrites,
    },
    ...others,
  }
}

export const flushing: Profile = quiet({}, {}, { flushSubnormals: true })
export const still: Profile = quiet()
/** So inaccurate that nothing else matters: a thousandth. */
export const MUCH: number = 2 ** 13
export const F: number = 2 ** -126
export const SUBNORMAL: number = F - 2 ** -149

/** `attack(share of the bound that is reached, profile, primitive, form, operands, element, ways)`. */
type Attacking = (
  atLeast: number,
  profile: Profile,
  primitive: Primitive,
  form: string,
  operands: readonly Operand[],
  at?: number,
  ways?: Partial<Ways>,
) => void

/** The attacks that `make` makes. */
export function attacksOf(make: (attack: Attacking) => void): readonly Climbed[] {
  const list: Climbed[] = []
  make((atLeast, profile, primitive, form, operands, at, ways) => {
    const { rules } = boundedOf(profile)
    list.push({ ...climb(rules, profile, primitive, form, operands, at, ways), atLeast })
  })
  return list
}

export const repeated = (n: number, x: number): number[] => new Array<number>(n).fill(x)
/** One number and so little beside it that it is rounded with every sum. */
export const leading = (n: number): number[] => [1, ...repeated(n - 1, 1e-9)]
export const rising = (n: number, step: number): number[] => Array.from({ length: n }, (_, i) => i * step)

/** Scales folded into products. */
export const folding: Partial<Profile['rewrites']> = { foldedScale: true }
/** Softmax by its logarithm. */
export const byLog: Partial<Profile['rewrites']> = { logSumExpSoftmax: true }

/** Results in a narrow format. */
export const inBf16: Partial<Profile> = {
  formats: { productInputs: 'bf16', results: 'bf16', outputs: 'bf16' },
}

/** Weight and bias of a LayerNorm over n numbers that change nothing. */
export const flat = (n: number): [Operand, Operand] => [exact(...repeated(n, 1)), exact(...repeated(n, 0))]
/** Deviations of one size, which sum to 0. */
export const pairs: readonly number[] = [1, -1, 1, -1, 1, -1, 1, -1]
