import { all, create, type BigNumber } from 'mathjs'
import { tensor, type Tensor } from '../tensor.ts'

/** Half the distance from 1 to the next float64: a rounding's relative error. */
export const u: number = 2 ** -53

export const vector = (...values: number[]): Tensor => tensor(Float64Array.from(values), [values.length])
export const valuesOf = ({ data }: Tensor): number[] => [...data]

/** mathjs with so many digits. It shares no constants and no code with the kernels. */
interface Precise {
  of(x: number): BigNumber
  exp(x: BigNumber): BigNumber
  ln(x: BigNumber): BigNumber
  erf(x: BigNumber): BigNumber
  sqrt(x: number): BigNumber
}

export function precisely(digits: number): Precise {
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

export const forty: Precise = precisely(40)

/** |found − exact| as a share of |exact|. */
export function relative(found: number, exact: BigNumber): number {
  return exact.minus(forty.of(found)).div(exact).abs().toNumber()
}
