import { describe, expect, test } from 'vitest'
import { bigNumbers, type BigNumber } from './big-number.ts'
import { erf, erfBySeries, erfc, erfcByFraction } from './erf.ts'
import { geluOf } from './gelu.ts'

const big = bigNumbers(140)
const of = (text: string): BigNumber => big.of(text)

function relativeError(found: BigNumber, expected: BigNumber): number {
  return of(found.toString()).minus(expected).dividedBy(expected).abs().toNumber()
}

/**
 * 80 digits each. erf(1) is OEIS A099286; erf(1/2), erfc(1/2), erf(1) and erfc(5) stand to 50 digits in the tests of
 * Boost.Math (test_erf), erfc(5) to 40 in those of Gforth; the others, and the digits beyond, are mpmath 1.3.0's, computed
 * with 200.
 */
const published: readonly (readonly [typeof erf, string, string])[] = [
  [erf, '1e-30', '1.1283791670955125738961589031215451716881012586579977136881710672948959050454622e-30'],
  [erf, '0.5', '0.52049987781304653768274665389196452873645157575796370005880572564719352171685357'],
  [erf, '1', '0.84270079294971486934122063508260925929606699796630290845993789783471725409601084'],
  [erf, '3', '0.99997790950300141455862722387041767962015229291260075034276104515705754331637987'],
  [erfc, '-2', '1.9953222650189527341620692563672529286108917970400600767383523262004372807199952'],
  [erfc, '0.5', '0.47950012218695346231725334610803547126354842424203629994119427435280647828314643'],
  [erfc, '2', '0.0046777349810472658379307436327470713891082029599399232616476737995627192800048226'],
  [erfc, '5', '1.5374597944280348501883434853833788901180503147233799306879140559203913645586915e-12'],
  [erfc, '12', '1.3562611692059042127803061565904175726667822332881049299123795374853569048521246e-64'],
  [erfc, '20', '5.3958656116079009289349991679053456040882726709236052834701037849130187631566699e-176'],
]

test.each(published)('%o(%s) has the published digits', (f, x, expected) => {
  for (const digits of [20, 64, 78]) {
    expect(relativeError(f(of(x), digits), of(expected))).toBeLessThan(10 ** -(digits - 1))
  }
})

test('both are odd about their values at 0', () => {
  expect(erf(of('0'), 64).toNumber()).toBe(0)
  expect(erfc(of('0'), 64).toNumber()).toBe(1)
  expect(
    erf(of('-0.75'), 64)
      .plus(erf(of('0.75'), 64))
      .isZero(),
  ).toBe(true)
  expect(
    erfc(of('-0.75'), 64)
      .plus(erfc(of('0.75'), 64))
      .minus(2)
      .abs()
      .toNumber(),
  ).toBeLessThan(1e-62)
})

describe('series and continued fraction agree, though they share nothing', () => {
  test.each(['1.5', '2.718281828', '4', '6.25', '9', '13'])('at %s', (x) => {
    const digits = 90
    const lost = Math.ceil(Number(x) ** 2 / Math.LN10)
    const series = bigNumbers(digits + lost + 20)
      .of(1)
      .minus(erfBySeries(of(x), digits + lost + 20))
    expect(relativeError(series, erfcByFraction(of(x), digits + 10))).toBeLessThan(10 ** -digits)
  })
})

test('fewer digits are the same digits, across the switch from one expansion to the other', () => {
  for (const x of ['0.001', '1', '3.1', '7.9', '9.3', '9.5', '9.7', '12', '15.9', '40', '1000']) {
    expect(relativeError(erfc(of(x), 64), of(erfc(of(x), 130).toString()))).toBeLessThan(1e-63)
    expect(relativeError(erf(of(x), 64), of(erf(of(x), 130).toString()))).toBeLessThan(1e-63)
  }
})

/** x·erfc(−x/√2)/2 by mpmath 1.3.0 with 200 digits. */
test.each([
  ['-1', '-0.158655253931457051414767454367962077522087033273395609012605549757008558013'],
  // where 1 + erf(x/√2) of float64 has three digits left
  ['-8.5', '-0.0000000000000000805760459887282060102839289767041876890248257374924460711822136900815375155'],
  // a subnormal float64
  ['-38', '-1.09646277682613803717336878299542355597149075371932128638386021790077365713e-314'],
  ['0.25', '0.149676581420730931060213447895258434820511870310257860085668365823045657282'],
  ['3', '2.99595030590510971642004455569721506786651189552485805190733404393258283771'],
])('GELU(%s)', (x, expected) => {
  expect(relativeError(geluOf(of(x), 64), of(expected))).toBeLessThan(1e-63)
})
