import fc from 'fast-check'
import { all, create, type BigNumber } from 'mathjs'
import { describe, expect, test } from 'vitest'
import type { Windows } from '../arithmetic.ts'
import { ShapeError } from '../shape-error.ts'
import { sizeOf, tensor, type Shape, type Tensor } from '../tensor.ts'
import { float32Dense } from './index.ts'
import { fullArithmetic } from './full.ts'

const a = fullArithmetic(Float64Array)
const single = float32Dense().rules
/** Half the distance from 1 to the next float64: a rounding's relative error. */
const u = 2 ** -53

const vector = (...values: number[]): Tensor => tensor(Float64Array.from(values), [values.length])
const valuesOf = ({ data }: Tensor): number[] => [...data]

/** mathjs with so many digits. It shares no constants and no code with the kernels. */
function precisely(digits: number): {
  of(x: number): BigNumber
  exp(x: BigNumber): BigNumber
  ln(x: BigNumber): BigNumber
  erf(x: BigNumber): BigNumber
  sqrt(x: number): BigNumber
} {
  const math = create(all, { number: 'BigNumber', precision: digits })
  const decimal = (x: string): BigNumber => math.bignumber(x)
  /** All the bits of x; mathjs alone would take its shortest decimal. */
  const of = (x: number): BigNumber => {
    let [mantissa, halvings] = [x, 0]
    for (; !Number.isInteger(mantissa); halvings++) mantissa *= 2
    return decimal(BigInt(mantissa).toString()).div(decimal('2').pow(halvings))
  }
  return {
    of,
    exp: (x) => math.exp(x),
    ln: (x) => x.ln(),
    sqrt: (x) => of(x).sqrt(),
    /** 2/√π · Σ (−1)ⁿ x²ⁿ⁺¹ / (n!(2n + 1)), summed until the terms no longer count. */
    erf(x) {
      const square = x.times(x)
      let [power, sum] = [x, x]
      for (let n = 1; ; n++) {
        power = power.times(square).div(-n)
        const term = power.div(2 * n + 1)
        sum = sum.plus(term)
        if (term.abs().lessThan(decimal(`1e-${digits}`))) break
      }
      return sum.times(2).div(of(-1).acos().sqrt())
    },
  }
}

const forty = precisely(40)

/** |found − exact| as a share of |exact|. */
function relative(found: number, exact: BigNumber): number {
  return exact.minus(forty.of(found)).div(exact).abs().toNumber()
}

describe('exp', () => {
  const big = forty
  test('is within one ULP of float64 everywhere, and so float32 within half and a bit', () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
        const exact = big.exp(big.of(x))
        expect(relative(a.exp(vector(x)).data[0], exact)).toBeLessThanOrEqual(2 * u)
      }),
      { numRuns: 300 },
    )
    fc.assert(
      fc.property(fc.float({ min: -80, max: 80, noNaN: true }), (x) => {
        const exact = big.exp(big.of(x))
        expect(relative(single.exp(vector(x)).data[0], exact)).toBeLessThanOrEqual(2 ** -24 + 2 * u)
      }),
      { numRuns: 300 },
    )
  })

  test('at its ends', () => {
    expect(valuesOf(a.exp(vector(0, -0, -Infinity, Infinity)))).toEqual([1, 1, 0, Infinity])
    expect(valuesOf(single.exp(vector(89, -104, -87)))).toEqual([
      Infinity,
      0,
      Math.fround(1.6458114310822737e-38),
    ])
  })
})

describe('GELU', () => {
  /** x·Φ(x) with 40 digits left after what 1 + erf cancels on the left: Φ(x) is about e^(−x²/2). */
  function exactGelu(x: number): BigNumber {
    const cancelled = Math.ceil((2 * x * x) / 2 / Math.LN10)
    const big = precisely(40 + 2 * cancelled)
    return big
      .erf(big.of(x).div(big.sqrt(2)))
      .plus(1)
      .times(big.of(x))
      .div(2)
  }
  /** erfc is within one ULP, its argument is rounded twice, and erfc magnifies that by about x². */
  const bound = (x: number): number => (8 + 4 * x * x) * u

  test('agrees with x·Φ(x) around zero', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -6, max: 6, noNaN: true }).filter((x) => Math.abs(x) > 1e-12),
        (x) => {
          expect(relative(a.gelu(vector(x)).data[0], exactGelu(x))).toBeLessThanOrEqual(bound(x))
        },
      ),
      { numRuns: 150 },
    )
  })

  test.each([-26, -20, -14.2, -13, -10, -8, -6.5])('keeps its digits far on the left: %d', (x) => {
    expect(relative(a.gelu(vector(x)).data[0], exactGelu(x))).toBeLessThanOrEqual(bound(x))
  })

  test('is x far on the right, 0 far on the left', () => {
    for (const x of [9, 40, 1e10, 3e38]) expect(a.gelu(vector(x)).data[0]).toBe(x)
    for (const x of [-40, -1e10, -3e38]) expect(Math.abs(a.gelu(vector(x)).data[0])).toBe(0)
    expect(Math.abs(single.gelu(vector(-16)).data[0])).toBe(0)
    expect(single.gelu(vector(-13)).data[0]).toBeLessThan(0)
  })

  test('of zero is zero, and next to zero half of x', () => {
    expect(a.gelu(vector(0)).data[0]).toBe(0)
    for (const x of [1e-300, 1e-20, -1e-20]) expect(a.gelu(vector(x)).data[0] / x).toBeCloseTo(0.5, 15)
  })
})

describe('softmax and its logarithm', () => {
  const big = forty
  const rows = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 12 })

  test('agree with their definitions', () => {
    fc.assert(
      fc.property(rows, (row) => {
        const powers = row.map((x) => big.exp(big.of(x)))
        const sum = powers.reduce((total, power) => total.plus(power))
        const probabilities = a.softmax(vector(...row))
        const logarithms = a.logSoftmax(vector(...row))
        const largest = Math.max(...row)
        row.forEach((x, i) => {
          // x − max is rounded once, exp is within one ULP, n − 1 additions, one division
          const magnified = largest - x + 4 + row.length
          expect(relative(probabilities.data[i], powers[i].div(sum))).toBeLessThanOrEqual(2 * magnified * u)
          const exact = big.ln(powers[i].div(sum))
          const absolute = exact.minus(big.of(logarithms.data[i])).abs().toNumber()
          expect(absolute).toBeLessThanOrEqual((4 * (largest - x) + 2 * row.length + 8) * u)
        })
      }),
      { numRuns: 150 },
    )
  })

  test('do not overflow on huge logits', () => {
    expect(valuesOf(a.softmax(vector(3e38, -3e38, 3e38)))).toEqual([0.5, 0, 0.5])
    expect(valuesOf(a.softmax(vector(-1e300, -1e300)))).toEqual([0.5, 0.5])
    expect(valuesOf(a.logSoftmax(vector(1e300, -1e300, 1e300)))).toEqual([-Math.LN2, -2e300, -Math.LN2])
    expect(valuesOf(single.softmax(vector(1000, 0, -1000)))).toEqual([1, 0, 0])
    expect(valuesOf(single.logSoftmax(vector(1000, 0, -1000)))).toEqual([0, -1000, -2000])
  })

  test('of one logit', () => {
    expect(valuesOf(a.softmax(vector(-745)))).toEqual([1])
    expect(valuesOf(a.logSoftmax(vector(-745)))).toEqual([0])
  })

  test('over the kept entries alone: an overflowing one that is not kept does not matter, an empty row stays so', () => {
    const shape = [2, 3]
    const mask = { shape, kept: Uint8Array.of(1, 0, 1, 0, 0, 0) }
    const x = { values: tensor(Float64Array.of(2, 1e308, 2, 1, 2, 3), shape), kept: mask.kept }
    expect(valuesOf(a.maskedSoftmax(mask, x).values)).toEqual([0.5, 0, 0.5, 0, 0, 0])
  })
})

describe('layerNorm', () => {
  const ones = vector(1, 1, 1, 1)
  const bias = vector(0.25, -0.5, 0, 7)

  test('a row without variance is the bias', () => {
    expect(valuesOf(a.layerNorm(vector(3.5, 3.5, 3.5, 3.5), ones, bias, 1e-6))).toEqual(valuesOf(bias))
    expect(valuesOf(single.layerNorm(vector(0, 0, 0, 0), ones, bias, 1e-12))).toEqual(valuesOf(bias))
  })

  test('ε of 0 leaves 0/0', () => {
    expect(valuesOf(a.layerNorm(vector(1, 1, 1, 1), ones, bias, 0))).toEqual([NaN, NaN, NaN, NaN])
  })

  test('the variance is divided by n, and ε stands under the root', () => {
    // μ = 3, σ² = 5; with ε = 4 the root is 3
    const y = a.layerNorm(vector(0, 2, 4, 6), vector(3, 3, 6, 1), bias, 4)
    expect(valuesOf(y)).toEqual([-2.75, -1.5, 2, 8])
  })

  test('a common offset changes nothing, however large against the variance', () => {
    const y = a.layerNorm(vector(2 ** 40, 2 ** 40 + 2, 2 ** 40 + 4, 2 ** 40 + 6), ones, bias, 4)
    expect(valuesOf(y)).toEqual(valuesOf(a.layerNorm(vector(0, 2, 4, 6), ones, bias, 4)))
  })
})

/** Whole numbers, so that sums come out the same in any order. */
const whole = (size: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: -9, max: 9 }), { minLength: size, maxLength: size })
const wholeTensor = (shape: Shape): fc.Arbitrary<Tensor> =>
  whole(sizeOf(shape)).map((values) => tensor(Float64Array.from(values), shape))

/** Every index of a shape, in row-major order. */
function* indices(shape: Shape): Generator<number[]> {
  if (shape.length === 0) yield []
  else {
    for (let i = 0; i < shape[0]; i++) for (const rest of indices(shape.slice(1))) yield [i, ...rest]
  }
}

/** A tensor whose element at each index is `value` of it. */
function build(shape: Shape, value: (...index: number[]) => number): Tensor {
  return tensor(
    Float64Array.from(indices(shape), (index) => value(...index)),
    shape,
  )
}

function expectSame(found: Tensor, expected: Tensor): void {
  expect(found.shape).toEqual(expected.shape)
  expect(valuesOf(found).map((x) => x + 0)).toEqual(valuesOf(expected).map((x) => x + 0))
}

const extent = fc.integer({ min: 1, max: 4 })

describe('against naive loops', () => {
  test('convolve pads with zeros inside the map, channels in groups', () => {
    const cases = fc
      .record({
        B: extent,
        H: fc.integer({ min: 1, max: 5 }),
        W: fc.integer({ min: 1, max: 5 }),
        groups: fc.integer({ min: 1, max: 3 }),
        perGroup: fc.integer({ min: 1, max: 2 }),
        outPerGroup: fc.integer({ min: 1, max: 2 }),
        kh: fc.constantFrom(1, 3, 5),
        kw: fc.constantFrom(1, 3, 5),
      })
      .chain((sizes) => {
        const { B, H, W, groups, perGroup, outPerGroup, kh, kw } = sizes
        return fc.tuple(
          fc.constant(sizes),
          wholeTensor([B, H, W, groups * perGroup]),
          wholeTensor([groups * outPerGroup, perGroup, kh, kw]),
          fc.option(wholeTensor([groups * outPerGroup]), { nil: undefined }),
        )
      })
    fc.assert(
      fc.property(cases, ([{ B, H, W, groups, perGroup, outPerGroup, kh, kw }, x, weight, bias]) => {
        const expected = build([B, H, W, groups * outPerGroup], (b, r, c, o) => {
          let sum = bias?.get(o) ?? 0
          for (const [i, dr, dc] of indices([perGroup, kh, kw])) {
            const [row, column] = [r + dr - (kh - 1) / 2, c + dc - (kw - 1) / 2]
            if (row < 0 || row >= H || column < 0 || column >= W) continue
            sum +=
              x.get(b, row, column, Math.floor(o / outPerGroup) * perGroup + i) * weight.get(o, i, dr, dc)
          }
          return sum
        })
        expectSame(a.convolve(x, weight, bias, groups), expected)
      }),
    )
  })

  test('windows', () => {
    const cases = fc
      .record({ B: extent, H: fc.integer({ min: 1, max: 6 }), W: fc.integer({ min: 1, max: 6 }), C: extent })
      .chain(({ B, H, W, C }) => {
        const starts = (size: number, length: number): fc.Arbitrary<number[]> =>
          fc.array(fc.integer({ min: 0, max: size - length }), { minLength: 1, maxLength: 3 })
        const layout: fc.Arbitrary<Windows> = fc
          .tuple(fc.integer({ min: 1, max: H }), fc.integer({ min: 1, max: W }))
          .chain(([height, width]) =>
            fc.record({
              rows: starts(H, height),
              columns: starts(W, width),
              height: fc.constant(height),
              width: fc.constant(width),
            }),
          )
        return fc.tuple(wholeTensor([B, H, W, C]), layout)
      })
    fc.assert(
      fc.property(cases, ([x, layout]) => {
        const { rows, columns, height, width } = layout
        const [B, , , C] = x.shape
        const expected = build([B, rows.length * columns.length, height, width, C], (b, w, r, c, channel) =>
          x.get(b, rows[Math.floor(w / columns.length)] + r, columns[w % columns.length] + c, channel),
        )
        expectSame(a.windows(x, layout), expected)
      }),
    )
  })

  test('concat along each axis, counted from either end', () => {
    const cases = fc
      .record({
        shape: fc.array(extent, { minLength: 1, maxLength: 4 }),
        extents: fc.array(extent, { minLength: 1, maxLength: 3 }),
      })
      .chain(({ shape, extents }) =>
        fc
          .nat(shape.length - 1)
          .chain((axis) =>
            fc.tuple(
              fc.constantFrom(axis, axis - shape.length),
              fc.tuple(...extents.map((size) => wholeTensor(shape.with(axis, size)))),
            ),
          ),
      )
    fc.assert(
      fc.property(cases, ([axis, xs]) => {
        const at = axis < 0 ? axis + xs[0].shape.length : axis
        const total = xs.reduce((sum, x) => sum + x.shape[at], 0)
        const expected = build(xs[0].shape.with(at, total), (...index) => {
          let i = index[at]
          const source = xs.find((x) => {
            if (i < x.shape[at]) return true
            i -= x.shape[at]
            return false
          })
          return source?.get(...index.with(at, i)) ?? NaN
        })
        expectSame(a.concat(xs, axis), expected)
      }),
    )
  })

  test('swapAxes, counted from either end', () => {
    const cases = fc.array(extent, { minLength: 1, maxLength: 5 }).chain((shape) => {
      const axis = fc.integer({ min: -shape.length, max: shape.length - 1 })
      return fc.tuple(wholeTensor(shape), axis, axis)
    })
    fc.assert(
      fc.property(cases, ([x, axis, other]) => {
        const [i, j] = [axis, other].map((at) => (at < 0 ? at + x.shape.length : at))
        const swap = <T>(list: readonly T[]): T[] => list.with(i, list[j]).with(j, list[i])
        expectSame(
          a.swapAxes(x, axis, other),
          build(swap(x.shape), (...index) => x.get(...swap(index))),
        )
      }),
    )
  })

  test('the shorter operand is shared by the leading dimensions of the longer, whichever comes first', () => {
    const cases = fc
      .tuple(fc.array(extent, { maxLength: 2 }), fc.array(extent, { maxLength: 2 }))
      .chain(([lead, shared]) => fc.tuple(wholeTensor([...lead, ...shared]), wholeTensor(shared)))
    fc.assert(
      fc.property(cases, ([long, short]) => {
        const skipped = long.shape.length - short.shape.length
        const each = (f: (x: number, y: number) => number): Tensor =>
          build(long.shape, (...index) => f(long.get(...index), short.get(...index.slice(skipped))))
        expectSame(
          a.add(long, short),
          each((x, y) => x + y),
        )
        expectSame(
          a.add(short, long),
          each((x, y) => x + y),
        )
        expectSame(
          a.subtract(long, short),
          each((x, y) => x - y),
        )
        expectSame(
          a.subtract(short, long),
          each((x, y) => y - x),
        )
        expectSame(
          a.multiply(long, short),
          each((x, y) => x * y),
        )
        expectSame(
          a.multiply(short, long),
          each((x, y) => x * y),
        )
      }),
    )
  })

  test('matrix products share leading dimensions either way', () => {
    const cases = fc
      .record({
        lead: fc.array(extent, { maxLength: 2 }),
        n: extent,
        k: extent,
        m: extent,
        long: fc.boolean(),
      })
      .chain(({ lead, n, k, m, long }) =>
        fc.tuple(wholeTensor([...(long ? lead : []), n, k]), wholeTensor([...(long ? [] : lead), k, m])),
      )
    fc.assert(
      fc.property(cases, ([x, y]) => {
        const lead = x.shape.length > y.shape.length ? x.shape.slice(0, -2) : y.shape.slice(0, -2)
        const [n, k, m] = [x.shape[x.shape.length - 2], x.shape.at(-1) ?? 0, y.shape.at(-1) ?? 0]
        const expected = build([...lead, n, m], (...index) => {
          const [batch, i, j] = [index.slice(0, -2), index[index.length - 2], index[index.length - 1]]
          const at = (t: Tensor, ...rest: number[]): number =>
            t.get(...(t.shape.length === 2 ? rest : [...batch, ...rest]))
          return Array.from({ length: k }, (_, p) => at(x, i, p) * at(y, p, j)).reduce((s, t) => s + t, 0)
        })
        expectSame(a.matmul(x, y), expected)
        expectSame(a.matmulTransposed(x, a.swapAxes(y, -1, -2)), expected)
      }),
    )
  })
})

describe('shapes that do not fit name the operation and the argument', () => {
  const of = (...shape: number[]): Tensor => tensor(new Float64Array(sizeOf(shape)), shape)
  const layout = { rows: [0], columns: [2], height: 2, width: 2 }
  test.each<[string, () => unknown, string | RegExp]>([
    [
      'add',
      () => a.add(of(2, 3), of(2)),
      'add: second operand: expected [2, 3] or a suffix of it, found [2]',
    ],
    [
      'subtract',
      () => a.subtract(of(3), of(2, 4)),
      /^sub(tract)?: second operand: expected \[3\] or a suffix of it, found \[2, 4\]$/,
    ],
    [
      'multiply',
      () => a.multiply(of(2, 3), of(3, 2)),
      /^mul(tiply)?: second operand: expected \[2, 3\] or a suffix of it, found \[3, 2\]$/,
    ],
    ['weigh', () => a.weigh(of(2, 3), of(3)), 'weigh: x: expected the shape of w, [2, 3], found [3]'],
    ['matmul', () => a.matmul(of(2, 3), of(4, 5)), 'matmul: y: expected [.., 3, m], found [4, 5]'],
    ['matmul of a vector', () => a.matmul(of(3), of(3, 5)), 'matmul: x: expected [.., n, k], found [3]'],
    [
      'matmul with other batches',
      () => a.matmul(of(2, 2, 3), of(3, 3, 5)),
      'matmul (leading dimensions): second operand: expected [2] or a suffix of it, found [3]',
    ],
    [
      'matmulTransposed',
      () => a.matmulTransposed(of(2, 3), of(3, 5)),
      'matmulTransposed: y: expected [.., m, 3], found [3, 5]',
    ],
    ['linear', () => a.linear(of(2, 3), of(3, 4)), 'linear: weight: expected [out, 3], found [3, 4]'],
    ['linear’s bias', () => a.linear(of(2, 3), of(4, 3), of(3)), 'linear: bias: expected [4], found [3]'],
    [
      'convolve',
      () => a.convolve(of(3, 3), of(1, 1, 3, 3), undefined, 1),
      'convolve: x: expected [.., H, W, C], found [3, 3]',
    ],
    [
      'convolve’s channels',
      () => a.convolve(of(3, 3, 4), of(4, 2, 3, 3), undefined, 4),
      'convolve: weight: expected [o, 4/4, kh, kw], o a multiple of 4, found [4, 2, 3, 3]',
    ],
    [
      'convolve’s kernel',
      () => a.convolve(of(3, 3, 4), of(4, 1, 2, 3), undefined, 4),
      'convolve: weight: expected odd kernel sizes, found [4, 1, 2, 3]',
    ],
    [
      'layerNorm’s weight',
      () => a.layerNorm(of(2, 3), of(2), of(3), 0),
      'layerNorm: weight: expected [3], found [2]',
    ],
    [
      'layerNorm’s bias',
      () => a.layerNorm(of(2, 3), of(3), of(1, 3), 0),
      'layerNorm: bias: expected [3], found [1, 3]',
    ],
    ['softmax', () => a.softmax(of()), 'softmax: x: expected at least one axis, found []'],
    ['logSoftmax', () => a.logSoftmax(of()), 'logSoftmax: x: expected at least one axis, found []'],
    ['sum', () => a.sum(of(), 'last'), 'sum: x: expected at least one axis, found []'],
    ['mean', () => a.mean(of(), 'last'), /^(sum|mean): x: expected at least one axis, found \[\]$/],
    [
      'reshape',
      () => a.reshape(of(2, 3), [5]),
      'reshape: x: expected as many elements as [5] has, found [2, 3]',
    ],
    ['swapAxes', () => a.swapAxes(of(2, 3), 0, -3), 'swapAxes: axis -3: expected an axis of x, found [2, 3]'],
    [
      'concat',
      () => a.concat([of(2, 3), of(2, 4)], 0),
      'concat: operand: expected [2, 3] but for axis 0, found [2, 4]',
    ],
    [
      'windows',
      () => a.windows(of(2, 3, 1), layout),
      'windows: x: expected a map that holds windows of 2 × 2 at rows 0, columns 2, found [2, 3, 1]',
    ],
    [
      'select',
      () => a.select({ shape: [2, 2], kept: new Uint8Array(4) }, of(2, 3)),
      "select: x: expected the mask's shape [2, 2], found [2, 3]",
    ],
  ])('%s', (_, call, message) => {
    let error: unknown
    try {
      call()
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ShapeError)
    const found = error instanceof ShapeError ? error.message : ''
    if (typeof message === 'string') expect(found).toBe(message)
    else expect(found).toMatch(message)
  })
})
