import fc from 'fast-check'
import { erf } from 'mathjs'
import { describe, expect, test } from 'vitest'
import type { Gpu } from '../gpu/index.ts'
import type { Arithmetic } from '../reference/arithmetic.ts'
import type { GpuKinds } from '../gpu/arithmetic/index.ts'
import { tensor } from '../reference/tensor.ts'
import { gpuForTests } from './gpu.ts'
import { parameters } from './seed.ts'

const gpu = await gpuForTests()
const there = typeof gpu !== 'string'

/** Half a step of float32 at 1, and what flushing a subnormal costs. */
const u = 2 ** -24
const FLUSH = 2 ** -126

async function apply(
  device: Gpu,
  x: Float32Array,
  shape: readonly number[],
  rule: (a: Arithmetic<GpuKinds>, x: GpuKinds['Dense']) => GpuKinds['Dense'],
): Promise<ArrayLike<number>> {
  const session = await device.session()
  try {
    const [value] = await session.read([
      { kind: 'dense', x: rule(session.rules, session.dense(tensor(x, shape))) },
    ])
    return value.kind === 'dense' ? value.tensor.data : []
  } finally {
    session.close()
  }
}

/** Holds every value against double precision: |found − f(x)| ≤ bound(x, f(x)). */
function demandWithin(
  x: Float32Array,
  found: ArrayLike<number>,
  f: (x: number) => number,
  bound: (x: number, y: number) => number,
): void {
  for (const [i, value] of x.entries()) {
    const expected = f(value)
    expect(Math.abs(found[i] - expected), `at ${value}: ${found[i]}, not ${expected}`).toBeLessThanOrEqual(
      bound(value, expected),
    )
  }
}

/** A thousand numbers spread over an interval, with whatever fast-check finds interesting in it. */
const many = (min: number, max: number): fc.Arbitrary<Float32Array> =>
  fc
    .array(fc.float({ min: Math.fround(min), max: Math.fround(max), noNaN: true }), { maxLength: 50 })
    .map((more) =>
      Float32Array.from([...Array.from({ length: 1000 }, (_, i) => min + ((max - min) * i) / 999), ...more]),
    )

describe.skipIf(!there)(`functions of the GPU’s own${there ? '' : `: ${gpu}`}`, () => {
  test('exp within what WGSL allows its own, (3 + 2·|x|) ULP', async () => {
    if (!there) return
    await fc.assert(
      fc.asyncProperty(many(-104, 88), async (x) => {
        const found = await apply(gpu, x, [x.length], (a, v) => a.exp(v))
        demandWithin(x, found, Math.exp, (at, y) => (3 + 2 * Math.abs(at)) * 2 * u * y + FLUSH)
      }),
      parameters(3),
    )
  })

  test('GELU within erf ± 2⁻²¹ and six roundings', async () => {
    if (!there) return
    await fc.assert(
      fc.asyncProperty(many(-20, 20), async (x) => {
        const found = await apply(gpu, x, [x.length], (a, v) => a.gelu(v))
        const gelu = (v: number): number => 0.5 * v * (1 + erf(v * Math.SQRT1_2))
        demandWithin(x, found, gelu, (at, y) => 0.5 * Math.abs(at) * 2 ** -21 + 6 * u * Math.abs(y) + FLUSH)
      }),
      parameters(3),
    )
  })

  test('GELU keeps the digits of negative arguments', async () => {
    if (!there) return
    // Φ(−3), Φ(−5) and Φ(−8), tabulated
    const tails = [
      [-3, 1.34989803163e-3],
      [-5, 2.8665157187919e-7],
      [-8, 6.2209605742718e-16],
    ] as const
    const found = await apply(
      gpu,
      Float32Array.from(tails, ([x]) => x),
      [3],
      (a, v) => a.gelu(v),
    )
    for (const [i, [x, phi]] of tails.entries()) {
      // exp(−x²/2) at (3 + x²) ULP, six roundings, and the polynomial's 2⁻²⁴
      expect(Math.abs(found[i] / (x * phi) - 1)).toBeLessThan((3 + x * x + 4) * 2 * u)
    }
  })

  test('log within what WGSL allows its own, 3 ULP', async () => {
    if (!there) return
    // the log-softmax of n equal numbers is −log n
    for (const n of [2, 3, 5, 64, 65, 1000, 4097]) {
      const [found] = Array.from(
        await apply(gpu, new Float32Array(n).fill(7), [n], (a, v) => a.logSoftmax(v)),
      )
      expect(Math.abs(found + Math.log(n))).toBeLessThanOrEqual(3 * 2 * u * Math.log(n))
    }
  })
})
