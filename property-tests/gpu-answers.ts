import fc from 'fast-check'
import { expect } from 'vitest'
import type { Gpu } from '../gpu/index.ts'
import type { Tensor } from '../reference/tensor.ts'
import { boundedOf } from '../src/verdict/bounded/arithmetic.ts'
import type { Bounded } from '../src/verdict/bounded/bounded.ts'
import { compareDense } from '../src/verdict/judge/compare-dense.ts'
import { portable } from '../src/verdict/profile/shipped.ts'
import { answerOf, drawnFor, RAGGED, type Extents, type Piece } from './gpu-pieces.ts'

const extent: fc.Arbitrary<number> = fc.constantFrom(...RAGGED)

/** A piece on drawn numbers. */
export interface Posed {
  readonly piece: Piece
  readonly tensors: readonly Tensor[]
}

/** Ragged extents, and normal numbers of unit variance; those of matrices shrink with the extent that is summed over. */
export function posed(piece: Piece): fc.Arbitrary<Posed> {
  const extents: fc.Arbitrary<Extents> = fc.record({ n: extent, k: extent, m: extent })
  return fc.tuple(extents, fc.integer({ min: 0, max: 2 ** 31 - 1 })).map(([drawn, seed]) => {
    return { piece, tensors: drawnFor(piece, drawn, seed) }
  })
}

/** What the GPU says. */
export function answerTo({ piece, tensors }: Posed, gpu: Gpu, fuse = false): Promise<Tensor> {
  return answerOf(piece, tensors, gpu, fuse)
}

const { rules, dense } = boundedOf(portable)

/** The truth, with the bound that no legal runtime exceeds. */
export function truthOf({ piece, tensors }: Posed): Bounded {
  return piece.compute(
    rules,
    tensors.map((given) => dense(given)),
  )
}

/** Each answer passes the verdict, and any two are no further apart than both their bounds. Returns how many elements have one. */
export function demandAgreement(truth: Bounded, answers: Readonly<Record<string, Tensor>>): number {
  for (const [name, found] of Object.entries(answers)) {
    const { verdict, reason } = compareDense(truth, found)
    expect(['pass', 'not-judged'], `${name}: ${verdict}, ${reason}`).toContain(verdict)
  }
  const [[first, one], ...others] = Object.entries(answers)
  const bounds = truth.b.data
  for (const [name, other] of others) {
    const apart = one.data.findIndex((value, i) => Math.abs(value - other.data[i]) > 2 * bounds[i])
    expect(apart, `${first} and ${name} differ at ${apart} by more than both bounds`).toBe(-1)
  }
  return bounds.filter((bound) => bound < Infinity).length
}
