import erfc from '@stdlib/math-base-special-erfc'
import { withRule, type Arithmetic } from '../reference/arithmetic.ts'
import type { Evaluator } from '../reference/evaluator.ts'
import { float32Dense, type FullKinds } from '../reference/float32/index.ts'
import { sizeOf, tensor, type Tensor } from '../reference/tensor.ts'
import type { Random } from '../src/random.ts'

/**
 * Three naive float32 runtimes, all legal under the profile `portable`: every step is rounded to float32, and they
 * differ in what the profile leaves open: order of summing, fusing, the functions' errors, rewrites. None shares code
 * with the reference's kernels, apart from moving elements.
 */
export interface HonestRuntime {
  readonly name: string
  /** @param source where the errors of its functions are drawn from */
  evaluator(source: Random): Evaluator<FullKinds>
}

const f = Math.fround

/** Σ a_i·b_i over i < n. */
type Dot = (n: number, a: (i: number) => number, b: (i: number) => number) => number

/** What the profile leaves to a runtime. */
interface Choices {
  readonly dot: Dot
  readonly exp: (x: number) => number
  readonly log: (x: number) => number
  readonly divide: (x: number, y: number) => number
  readonly inverseSqrt: (x: number) => number
  readonly erf: (x: number) => number
  /** E[x²] − μ² in place of E[(x − μ)²] where E[x²] ≤ 4σ²; beyond that its digits cancel, and the verdict flags it. */
  readonly onePass: boolean
  /** Softmax without taking the maximum off first, where no exp overflows. */
  readonly shiftless: boolean
}

const one = (): number => 1

const sequential: Dot = (n, a, b) => {
  let sum = 0
  for (let i = 0; i < n; i++) sum = f(sum + f(a(i) * b(i)))
  return sum
}

const pairwise: Dot = (n, a, b) => {
  const between = (from: number, to: number): number => {
    if (to - from === 1) return f(a(from) * b(from))
    const middle = (from + to) >> 1
    return f(between(from, middle) + between(middle, to))
  }
  return n === 0 ? 0 : between(0, n)
}

/** Four lanes of fused multiply-adds, the lanes added at the end: a vector unit's way. */
const blockedBy4: Dot = (n, a, b) => {
  const lanes = [0, 0, 0, 0]
  for (let i = 0; i < n; i++) lanes[i % 4] = f(lanes[i % 4] + a(i) * b(i))
  return f(f(lanes[0] + lanes[1]) + f(lanes[2] + lanes[3]))
}

/** Abramowitz–Stegun 7.1.26, every step in float32. */
function erfOfAbramowitzStegun(x: number, exp: (x: number) => number): number {
  const z = Math.abs(x)
  const t = f(1 / f(1 + f(f(0.3275911) * z)))
  let polynomial = f(1.061405429)
  for (const a of [-1.453152027, 1.421413741, -0.284496736, 0.254829592]) {
    polynomial = f(f(polynomial * t) + f(a))
  }
  const value = f(1 - f(f(polynomial * t) * exp(f(-f(z * z)))))
  return x < 0 ? -value : value
}

/** The distance between neighbouring float32 numbers at `x`. */
function ulp(x: number): number {
  return 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(x)))) - 23)
}

/** `exact`, off by up to `most` ULP, drawn anew each time. */
function off(source: Random, exact: number, most: number): number {
  return exact === 0 ? 0 : f(exact + (2 * source.uniform() - 1) * most * ulp(exact))
}

const library: Omit<Choices, 'dot'> = {
  exp: (x) => f(Math.exp(x)),
  log: (x) => f(Math.log(x)),
  divide: (x, y) => f(x / y),
  inverseSqrt: (x) => f(1 / f(Math.sqrt(x))),
  erf: (x) => f(1 - erfc(x)),
  onePass: false,
  shiftless: false,
}

export const honestRuntimes: readonly HonestRuntime[] = [
  runtime('sequential', () => ({ dot: sequential, ...library })),
  runtime('pairwise, one-pass variance, WGSL’s functions', (source) => {
    const exp = (x: number): number => off(source, Math.exp(x), 3 + 2 * Math.abs(x))
    return {
      dot: pairwise,
      exp,
      log: (x) =>
        x >= 0.5 && x <= 2
          ? f(Math.log(x) + (2 * source.uniform() - 1) * 2 ** -21)
          : off(source, Math.log(x), 3),
      divide: (x, y) => off(source, x / y, 2.5),
      inverseSqrt: (x) => off(source, 1 / Math.sqrt(x), 2),
      erf: (x) => erfOfAbramowitzStegun(x, exp),
      onePass: true,
      shiftless: false,
    }
  }),
  runtime('blocked by 4, fused, softmax without shift', () => ({
    dot: blockedBy4,
    ...library,
    shiftless: true,
  })),
]

function runtime(name: string, choose: (source: Random) => Choices): HonestRuntime {
  return {
    name,
    evaluator(source) {
      const base = float32Dense()
      return { ...base, name, rules: withRule(base.rules, rulesOf(base.rules, choose(source))) }
    },
  }
}

function rulesOf(base: Arithmetic<FullKinds>, choices: Choices): Partial<Arithmetic<FullKinds>> {
  const { dot } = choices
  const matmul = (x: Tensor, y: Tensor): Tensor => product(x, base.swapAxes(y, -1, -2), dot)
  const matmulTransposed = (x: Tensor, y: Tensor): Tensor => product(x, y, dot)
  const softmax = (x: Tensor, kept?: Uint8Array): Tensor =>
    eachRow(x, (row, start) => softmaxOf(row, choices, kept?.subarray(start, start + row.length)))
  const scale = (x: Tensor, factor: number): Tensor => map(x, (value) => f(value * f(factor)))
  const reduce = (x: Tensor, over: 'last' | 'all', divisor: (n: number) => number): Tensor => {
    const shape = over === 'all' ? [] : x.shape.slice(0, -1)
    const n = x.size / sizeOf(shape)
    return generate(shape, (row) => {
      const sum = dot(n, (i) => x.data[row * n + i], one)
      return divisor(n) === 1 ? sum : choices.divide(sum, n)
    })
  }
  return {
    scale,
    exp: (x) => map(x, choices.exp),
    gelu: (x) => map(x, (value) => f(f(0.5 * value) * f(1 + choices.erf(f(value * f(Math.SQRT1_2)))))),
    sum: (x, over) => reduce(x, over, () => 1),
    mean: (x, over) => reduce(x, over, (n) => n),

    matmul,
    matmulTransposed,
    linear: (x, weight, bias) => withBias(product(x, weight, dot), bias),
    convolve: (x, weight, bias, groups) => withBias(convolve(x, weight, groups, dot), bias),

    softmax: (x) => softmax(x),
    logSoftmax: (x) =>
      eachRow(x, (row) => {
        const max = row.reduce((most, value) => Math.max(most, value))
        const sum = dot(row.length, (i) => choices.exp(f(row[i] - max)), one)
        const log = choices.log(sum)
        return row.map((value) => f(f(value - max) - log))
      }),
    layerNorm: (x, weight, bias, eps) =>
      eachRow(x, (row) =>
        layerNormOf(row, choices, eps).map((y, i) => f(f(y * weight.data[i]) + bias.data[i])),
      ),

    sparseMatmul: (x, y) => {
      const values = matmul(x.values, y.values)
      return { values, kept: new Uint8Array(values.size).fill(1) }
    },
    matmulAt: (mask, x, y) => base.select(mask, matmulTransposed(x, y)),
    sparseScale: ({ values, kept }, factor) => ({ values: scale(values, factor), kept }),
    maskedSoftmax: ({ kept }, { values }) => ({ values: softmax(values, kept), kept }),
    sparseMatmulDense: ({ values }, y) => matmul(values, y),
  }
}

/** Softmax of a row over the entries that are kept; exp of an entry twice may differ, so each is taken once. */
function softmaxOf(
  row: readonly number[],
  { exp, dot, divide, shiftless }: Choices,
  kept?: Uint8Array,
): number[] {
  const holds = (i: number): boolean => kept === undefined || kept[i] === 1
  const held = row.filter((_, i) => holds(i))
  const skip = shiftless && held.every((value) => Math.abs(value) < 40)
  const max = skip ? 0 : held.reduce((most, value) => Math.max(most, value), -Infinity)
  const powers = row.map((value, i) => (holds(i) ? exp(f(value - max)) : 0))
  const sum = dot(powers.length, (i) => powers[i], one)
  return powers.map((power, i) => (holds(i) ? divide(power, sum) : 0))
}

/** (x − μ)/√(σ² + ε) of a row. */
function layerNormOf(
  row: readonly number[],
  { dot, divide, inverseSqrt, onePass }: Choices,
  eps: number,
): number[] {
  const n = row.length
  const mean = divide(
    dot(n, (i) => row[i], one),
    n,
  )
  const centred = row.map((value) => f(value - mean))
  const twoPass = divide(
    dot(
      n,
      (i) => centred[i],
      (i) => centred[i],
    ),
    n,
  )
  const meanSquare = divide(
    dot(
      n,
      (i) => row[i],
      (i) => row[i],
    ),
    n,
  )
  const variance =
    onePass && meanSquare <= 4 * twoPass ? Math.max(0, f(meanSquare - f(mean * mean))) : twoPass
  const inverse = inverseSqrt(f(variance + f(eps)))
  return centred.map((value) => f(value * inverse))
}

/** x `[.., n, k]` (or `[k]` rows of any shape) against y `[.., m, k]`: each row of x with each row of y. */
function product(x: Tensor, y: Tensor, dot: Dot): Tensor {
  const k = x.shape.at(-1) ?? 1
  const m = y.shape[y.shape.length - 2]
  const n = y.shape.length === 2 ? x.size / k : x.shape[x.shape.length - 2]
  // leading dimensions of the shorter are shared by the rest
  const [leadX, leadY] = [x.shape.slice(0, -2), y.shape.slice(0, -2)]
  const shared = y.shape.length === 2
  const lead = shared ? x.shape.slice(0, -1) : [...(leadX.length > leadY.length ? leadX : leadY), n]
  const [batchesX, batchesY] = [shared ? 1 : sizeOf(leadX), sizeOf(leadY)]
  return generate([...lead, m], (at) => {
    const [column, row, batch] = [at % m, Math.floor(at / m) % n, Math.floor(at / m / n)]
    const fromX = ((batch % batchesX) * n + row) * k
    const fromY = ((batch % batchesY) * m + column) * k
    return dot(
      k,
      (i) => x.data[fromX + i],
      (i) => y.data[fromY + i],
    )
  })
}

/** Every tap gathered, padding as zeros, then one dot product; x `[.., H, W, C]`, weight `[o, C/groups, kh, kw]`. */
function convolve(x: Tensor, weight: Tensor, groups: number, dot: Dot): Tensor {
  const [H, W, C] = x.shape.slice(-3)
  const [o, perGroup, kh, kw] = weight.shape
  return generate([...x.shape.slice(0, -1), o], (at) => {
    const channel = at % o
    const place = Math.floor(at / o)
    const [column, row, batch] = [place % W, Math.floor(place / W) % H, Math.floor(place / W / H)]
    const first = Math.floor(channel / (o / groups)) * perGroup
    const tap = (i: number): number => {
      const [dx, dy, c] = [i % kw, Math.floor(i / kw) % kh, Math.floor(i / kw / kh)]
      const [r, s] = [row + dy - (kh - 1) / 2, column + dx - (kw - 1) / 2]
      if (r < 0 || r >= H || s < 0 || s >= W) return 0
      return x.data[((batch * H + r) * W + s) * C + first + c]
    }
    return dot(perGroup * kh * kw, tap, (i) => weight.data[channel * perGroup * kh * kw + i])
  })
}

function withBias(x: Tensor, bias: Tensor | undefined): Tensor {
  return bias === undefined ? x : map(x, (value, i) => f(value + bias.data[i % bias.size]))
}

function eachRow(x: Tensor, change: (row: readonly number[], start: number) => readonly number[]): Tensor {
  const n = x.shape.at(-1) ?? 1
  const data = new Float32Array(x.size)
  for (let start = 0; start < data.length; start += n) {
    data.set(change(Array.from(x.data.subarray(start, start + n)), start), start)
  }
  return tensor(data, x.shape)
}

function map(x: Tensor, change: (value: number, index: number) => number): Tensor {
  return generate(x.shape, (i) => change(x.data[i], i))
}

function generate(shape: readonly number[], value: (index: number) => number): Tensor {
  return tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => value(i)),
    shape,
  )
}
