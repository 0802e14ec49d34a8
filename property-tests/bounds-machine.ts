import erfc from '@stdlib/math-base-special-erfc'
import { formatLimits, type Format, type Profile } from '../src/verdict/profile/profile.ts'

const ULP = 2 ** -23
const SMALLEST_NORMAL = 2 ** -126
const f = Math.fround

/** How a machine goes about what the profile leaves open in structure. */
export interface Ways {
  readonly order: 'forward' | 'reverse' | 'pairwise' | 'random'
  readonly fused: boolean
  /** x/y as x·(1/y). */
  readonly reciprocal: boolean
}

/**
 * A machine legal under a profile. Of every operation it asks `choose` for a number in [−1, 1]: which way, and how far, to be
 * off, away from 0 or towards it (and then to flush what is subnormal). Its numbers are float32, every step rounded; or, as a *model*,
 * real, with exactly the relative error asked for: what the derivations of the bounds assume, and the farthest that float32
 * could come if it fell badly at every step.
 */
export class Machine {
  readonly profile: Profile
  readonly ways: Ways
  readonly #choose: () => number
  readonly #model: boolean

  constructor(profile: Profile, ways: Ways, choose: () => number, model: boolean) {
    this.profile = profile
    this.ways = ways
    this.#choose = choose
    this.#model = model
  }

  /** A choice for the structure of a computation. */
  choice(): number {
    return this.#choose()
  }

  /** Some number within `bound` of `value`. */
  within(value: number, bound: number): number {
    if (bound === 0) return value
    const target = value + this.#choose() * bound
    return this.#model ? target : towards(target, value, bound)
  }

  add(x: number, y: number): number {
    return this.#sum(this.#operand(x), this.#operand(y))
  }

  subtract(x: number, y: number): number {
    return this.add(x, -y)
  }

  multiply(x: number, y: number): number {
    return this.#rounded(this.#operand(x) * this.#operand(y), 0, SMALLEST_NORMAL)
  }

  /** ½x: exact, unless it is subnormal. */
  half(x: number): number {
    const half = this.#operand(x) / 2
    return Math.abs(half) < SMALLEST_NORMAL ? this.#rounded(half, 0, SMALLEST_NORMAL) : half
  }

  /** xy + z, rounded once. */
  fused(x: number, y: number, z: number): number {
    return this.#sum(this.#operand(x) * this.#operand(y), this.#operand(z))
  }

  divide(x: number, y: number): number {
    const { ulp } = this.profile.functions.divide
    if (this.ways.reciprocal) return this.multiply(x, this.#function(1 / this.#operand(y), ulp))
    return this.#function(this.#operand(x) / this.#operand(y), ulp)
  }

  exp(x: number): number {
    const { ulp, ulpPerUnit } = this.profile.functions.exp
    const argument = this.#operand(x)
    const found = this.#function(Math.exp(argument), ulp + ulpPerUnit * Math.abs(argument))
    // libraries cut off a little above the last normal number
    const cutOff = this.profile.flushSubnormals && found < 2 * SMALLEST_NORMAL
    return cutOff && found >= SMALLEST_NORMAL && this.#choose() < 0 ? 0 : found
  }

  log(x: number): number {
    const { ulp, nearOne } = this.profile.functions.log
    const exact = Math.log(x)
    const most = x >= 0.5 && x <= 2 ? nearOne : 0
    return this.#absolute(exact, Math.max(most, ulp * ulpOf(exact, this.#model)))
  }

  /** 1/√x: in one operation, or as a division by a root made of it. */
  inverseSqrt(x: number, byRoot: boolean): number {
    const { ulp } = this.profile.functions.inverseSqrt
    const inverse = this.#function(1 / Math.sqrt(this.#operand(x)), ulp)
    return byRoot ? this.divide(1, this.divide(1, inverse)) : inverse
  }

  erf(x: number): number {
    const roundings = 4 * (this.profile.rounding === 'nearest' ? 2 ** -24 : ULP)
    return this.#absolute(1 - erfc(this.#operand(x)), this.profile.functions.erf.absolute + roundings)
  }

  /** A constant that the device computes: 1/√d by itself or as a division by a rounded root; then rounded. */
  constant(k: number): number {
    const { inverseSqrt, divide } = this.profile.functions
    const found =
      inverseSqrt.ulp > divide.ulp
        ? this.#function(k, inverseSqrt.ulp)
        : this.#function(this.literal(k), divide.ulp)
    return this.narrowConstant(this.literal(found))
  }

  /** A constant of the program. */
  literal(k: number): number {
    return this.#rounded(k, 0, SMALLEST_NORMAL)
  }

  /** x as it enters a product. */
  factor(x: number): number {
    const { productInputs, results } = this.profile.formats
    // a result before that, it has been rounded to its format already
    return productInputs === results ? x : this.#narrow(x, productInputs)
  }

  /** A constant in the format of results: which one that is, no error decides. */
  narrowConstant(k: number): number {
    const { results } = this.profile.formats
    return results === 'float32' ? k : Math.round(k / stepOf(results, k)) * stepOf(results, k)
  }

  /** x as the result of an operation. */
  result(x: number): number {
    return this.#narrow(x, this.profile.formats.results)
  }

  /** x as a step gives it that is written out. */
  step(x: number): number {
    return this.profile.rewrites.stepwise ? this.result(x) : x
  }

  /** ½x in such a step, of an x in the format: exact, unless it is subnormal there. */
  stepHalf(x: number): number {
    const half = this.half(x)
    const { results } = this.profile.formats
    return Math.abs(half) < formatLimits[results].least ? this.step(half) : half
  }

  /** A constant of such a step. */
  stepConstant(k: number): number {
    const literal = this.literal(k)
    return this.profile.rewrites.stepwise && this.#choose() > -0.5 ? this.narrowConstant(literal) : literal
  }

  #narrow(x: number, format: Format): number {
    if (format === 'float32' || x === 0 || !Number.isFinite(x)) return x
    const step = stepOf(format, x)
    const [nearest, choice] = [Math.round(x / step) * step, this.#choose()]
    if (this.#model) return x + (choice * step) / 2
    // legal as well, where operations are fused
    return choice < -0.5 ? x : nearest
  }

  sum(terms: readonly number[]): number {
    const left = this.ways.order === 'reverse' ? terms.toReversed() : [...terms]
    if (left.length === 1) return this.#operand(left[0])
    while (left.length > 1) {
      const last = left.length - 1
      const at =
        this.ways.order === 'random' ? Math.min(last - 1, Math.floor(((this.#choose() + 1) / 2) * last)) : 0
      const [x] = left.splice(at, 1)
      const [y] = left.splice(at, 1)
      const sum = this.add(x, y)
      if (this.ways.order === 'pairwise') left.push(sum)
      else left.splice(at, 0, sum)
    }
    return left[0] ?? 0
  }

  /** Σ x_i·y_i, and a bias to begin with. */
  dot(xs: readonly number[], ys: readonly number[], bias?: number): number {
    const narrow = (values: readonly number[]): number[] => values.map((value) => this.factor(value))
    return this.#products(narrow(xs), narrow(ys), bias)
  }

  /** Σ x², in float32 whatever the products' format. */
  squares(xs: readonly number[]): number {
    return this.#products(xs, xs)
  }

  mean(terms: readonly number[], dividedFirst: boolean): number {
    if (dividedFirst) return this.sum(terms.map((term) => this.divide(term, terms.length)))
    return this.divide(this.sum(terms), terms.length)
  }

  #products(xs: readonly number[], ys: readonly number[], bias?: number): number {
    if (this.ways.fused) {
      let sum = bias ?? 0
      xs.forEach((x, i) => (sum = this.fused(x, ys[i], sum)))
      return sum
    }
    const products = xs.map((x, i) => this.multiply(x, ys[i]))
    return this.sum(bias === undefined ? products : [bias, ...products])
  }

  #operand(x: number): number {
    return this.#mayFlush(x) && this.#choose() < 0 ? 0 : x
  }

  #mayFlush(x: number): boolean {
    return this.profile.flushSubnormals && x !== 0 && Math.abs(x) < SMALLEST_NORMAL
  }

  #sum(x: number, y: number): number {
    const sum = x + y
    const part = sum - x
    return this.#rounded(sum, x - (sum - part) + (y - part), 0)
  }

  /** high + low, rounded; relative to at least `least`. */
  #rounded(high: number, low: number, least: number): number {
    if (high === 0) return 0
    const choice = this.#choose()
    if (this.#mayFlush(high) && choice < 0) return 0
    const { rounding } = this.profile
    if (this.#model) {
      const u = rounding === 'nearest' ? 2 ** -24 : ULP
      const size = Math.abs(high) < SMALLEST_NORMAL ? least : Math.abs(high)
      return high + Math.sign(high) * choice * u * size
    }
    const [below, above] = neighbours(high, low)
    if (rounding === 'nearest') {
      const difference = high - below + low - (above - high - low)
      return difference === 0 ? f(high) : difference < 0 ? below : above
    }
    return choice * high < 0 ? below : above
  }

  #function(exact: number, ulps: number): number {
    const found = this.#absolute(exact, ulps * ulpOf(exact, this.#model))
    return this.#mayFlush(found) && this.#choose() < 0 ? 0 : found
  }

  #absolute(exact: number, most: number): number {
    const target = exact + Math.sign(exact) * this.#choose() * most
    return this.#model ? target : towards(target, exact, most)
  }
}

function stepOf(format: Exclude<Format, 'float32'>, x: number): number {
  const [bits, least] = ({ tf32: [10, -126], bf16: [7, -126], fp16: [10, -14] } as const)[format]
  return 2 ** (Math.max(least, Math.floor(Math.log2(Math.abs(x)))) - bits)
}

/** The float32 numbers on both sides of high + low, |low| being at most half the last place of high. */
function neighbours(high: number, low: number): readonly [number, number] {
  const near = f(high)
  const side = near === high ? low : high - near
  return side === 0 ? [near, near] : side > 0 ? [near, next(near, 1)] : [next(near, -1), near]
}

/** The float32 number beside a float32 x. */
function next(x: number, step: 1 | -1): number {
  if (x === 0) return step * 2 ** -149
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, x)
  view.setUint32(0, view.getUint32(0) + (x > 0 === step > 0 ? 1 : -1))
  return view.getFloat32(0)
}

/** The float32 number nearest `target` that is within `bound` of `exact`, else the one nearest `exact`. */
function towards(target: number, exact: number, bound: number): number {
  const near = f(target)
  if (Math.abs(near - exact) <= bound) return near
  const closer = next(near, near > exact ? -1 : 1)
  return Math.abs(closer - exact) <= bound ? closer : f(exact)
}

/** The last place at `x`; of a model, the largest share of x that it can be. */
function ulpOf(x: number, model: boolean): number {
  if (model) return ULP * Math.max(SMALLEST_NORMAL, Math.abs(x))
  return 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(x)))) - 23)
}
