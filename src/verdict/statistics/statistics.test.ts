import { describe, expect, test } from 'vitest'
import { random } from '../../random.ts'
import { statisticsOf, thresholds, type Errors, type Statistic } from './index.ts'

const UNIT = 2 ** -24

/** A tensor of values N(0, 1) with noise of s = u·|v| drawn at `size` of it, changed by `change`. */
function noisy(
  shape: readonly number[],
  size: number,
  change: (e: number, index: number, v: number, s: number) => number = (e) => e,
): Errors {
  const source = random(5)
  const n = shape.reduce((product, extent) => product * extent, 1)
  const v = Float64Array.from({ length: n }, () => source.normal())
  const s = v.map((x) => UNIT * (1 + Math.abs(x)))
  const e = s.map((sd, i) => change(size * sd * source.normal(), i, v[i], sd))
  return { shape, e, s, v }
}

function named(errors: Errors, name: Statistic['name']): Statistic | undefined {
  return statisticsOf(errors).find((one) => one.name === name)
}

function suspected(errors: Errors): string[] {
  return statisticsOf(errors)
    .filter(({ verdict }) => verdict === 'suspect')
    .map(({ name }) => name)
}

describe('of rounding noise', () => {
  test.each([[[1]], [[2]], [[]], [[3, 4]], [[64, 48]], [[2, 3, 40, 40]]])(
    'of shape %j nothing is suspected',
    (shape) => {
      expect(suspected(noisy(shape, 1))).toEqual([])
    },
  )

  test('every statistic is there once a tensor is large enough', () => {
    expect(statisticsOf({ ...noisy([64, 48], 1), kind: 'softmax' }).map(({ name }) => name)).toEqual([
      'rms',
      'largest',
      'outlier',
      'row',
      'column',
      'slope',
      'mean-row-sum',
      'row-sum',
    ])
  })

  test('ratios are not formed of a handful of elements', () => {
    expect(statisticsOf(noisy([2, 5], 1)).map(({ name }) => name)).toEqual(['rms', 'largest', 'slope'])
    expect(named(noisy([15, 40], 1), 'row')).toBeUndefined()
    expect(named(noisy([16, 32], 1), 'row')).toBeDefined()
    expect(named(noisy([32, 15], 1), 'column')).toBeUndefined()
    expect(named(noisy([511], 1), 'outlier')).toBeUndefined()
    expect(named(noisy([512], 1), 'outlier')).toBeDefined()
  })
})

describe('of what is off', () => {
  test('one element of one is suspect beyond 8 deviations, on either side', () => {
    const single = (z: number): Errors => noisy([], 0, (_e, _i, _v, s) => z * s)
    expect(suspected(single(7.9))).toEqual([])
    expect(suspected(single(8.1))).toContain('largest')
    expect(suspected(single(-8.1))).toContain('largest')
    expect(named(single(30.1), 'largest')?.gross).toBe(true)
    expect(named(single(29.9), 'largest')?.gross).toBe(false)
  })

  test.each([
    [[2, 32], 11],
    [[64, 48], 13.8],
    [[128, 64], 14],
  ])('one element of shape %j is suspect beyond %d', (shape, limit) => {
    const one = (z: number): Errors => noisy(shape, 0.5, (e, i, _v, s) => (i === 40 ? z * s : e))
    expect(named(one(limit - 0.1), 'largest')?.verdict).toBe('pass')
    expect(named(one(limit + 0.1), 'largest')?.verdict).toBe('suspect')
  })

  test('noise too large everywhere shows in the RMS, the sooner the larger the tensor', () => {
    expect(suspected(noisy([64, 48], 1.6))).toEqual(['rms'])
    expect(suspected(noisy([4, 4], 1.6))).toEqual([])
    expect(named(noisy([64, 48], 3.4), 'rms')?.gross).toBe(true)
  })

  test('after a GELU the curve of erf is let pass', () => {
    expect(suspected({ ...noisy([64, 48], 1.6), kind: 'gelu' })).toEqual([])
  })

  test('one element among others that are nearly exact', () => {
    expect(suspected(noisy([64, 48], 0.05, (e, i, _v, s) => (i === 100 ? 7 * s : e)))).toContain('outlier')
  })

  test('not one element of a row that is further off as a whole', () => {
    const loud = (e: number, i: number, _v: number, s: number): number =>
      i === 100 ? 7 * s : Math.floor(i / 48) === 2 ? 20 * e : e
    expect(suspected(noisy([64, 48], 0.05, loud))).toEqual([])
  })

  test('what stands out in a tensor that is nearly exact, and is itself no more than noise', () => {
    expect(suspected(noisy([64, 48], 0.05, (e, i, _v, s) => (i === 100 ? 5 * s : e)))).toEqual([])
    expect(suspected(noisy([64, 48], 0.05, (e, i) => (i % 48 === 5 ? 20 * e : e)))).toEqual([])
  })

  test('one row, one column', () => {
    const row = noisy([64, 48], 0.3, (e, i) => (Math.floor(i / 48) === 7 ? 12 * e : e))
    const column = noisy([64, 48], 0.45, (e, i) => (i % 48 === 5 ? 8 * e : e))
    expect(named(row, 'row')?.sentence).toMatch(/^row 7 is 1\d(\.\d)? times as far off as the median row/)
    expect(suspected(row)).toEqual(['row'])
    expect(suspected(column)).toEqual(['column'])
  })

  test('a gain of 4 u, and not one of 2 u', () => {
    expect(suspected(noisy([64, 48], 0.5, (e, _i, v) => e + 4 * UNIT * v))).toContain('slope')
    expect(suspected(noisy([64, 48], 0.5, (e, _i, v) => e + 2 * UNIT * v))).toEqual([])
  })

  test('a gain of one lane of a vector, and of one column; what all share is none', () => {
    const gained = (k: number, w: number, size: number): Errors =>
      noisy([64, 48], 0.5, (e, i, v) => ((i % 48) % w === k ? e + size * UNIT * v : e))
    const third = gained(3, 8, 12)
    expect(suspected(third)).toContain('lane')
    expect(named(third, 'lane')?.sentence).toMatch(
      /^columns 3 of every 8: errors grow with the value, by 1\d/,
    )
    expect(named(gained(17, 48, -40), 'lane')?.sentence).toMatch(/^column 17: /)
    expect(named(gained(17, 48, -40), 'lane')?.verdict).toBe('suspect')
    expect(named(gained(0, 1, 40), 'lane')?.verdict).toBe('pass')
    expect(named(noisy([64], 0.5), 'lane')).toBeUndefined()
    for (const kind of ['gelu', 'softmax'] as const) expect(named({ ...third, kind }, 'lane')).toBeUndefined()
  })

  test('the lane named is the one furthest beyond its limit, not the surest of a small gain', () => {
    const [rows, width] = [4096, 12]
    const two = noisy([rows, width], 0.01, (e, i, v) => {
      const gain = [1.9, 9][(i % width) - 3] ?? 0
      return e + gain * UNIT * v
    })
    // the column of the larger gain has 16 times the noise
    const s = two.s.map((sd, i) => (i % width === 4 ? 16 * sd : sd))
    expect(named({ ...two, s }, 'lane')?.sentence).toMatch(/^column 4: /)
  })

  test('an rsqrt 2 ULP high in a column that the bias of its norm nearly cancels is no suspicion', () => {
    const { shape, e, s, v } = noisy([512, 24], 0.5)
    const rsqrt = 4 * UNIT
    const found: Errors = {
      shape,
      // column 0 is 10 ± 0.5 less a bias of 9.8, the others have none
      v: v.map((x, i) => (i % 24 === 0 ? 0.2 + 0.5 * x : x)),
      s: s.map((sd, i) => (i % 24 === 0 ? 3.5 * UNIT * 10 : sd)),
      e: e.map((noise, i) => noise + rsqrt * (i % 24 === 0 ? 10 + 0.5 * v[i] : v[i])),
      coherent: 3.5 * UNIT,
    }
    expect(named(found, 'lane')?.verdict).toBe('pass')
    const gained = found.e.map((noise, i) => (i % 24 === 0 ? noise + 200 * UNIT * v[i] : noise))
    expect(named({ ...found, e: gained }, 'lane')?.verdict).toBe('suspect')
  })

  test('rows that are nearly alike and rounded alike have no gain of a lane', () => {
    // each column is off by the same everywhere, as a key rounded once more makes it
    const { shape, e, s, v } = noisy([256, 16], 0.1)
    const near = (spread: number): Errors => ({
      shape,
      s,
      v: v.map((x, i) => 1 + (i % 16) / 16 + spread * x),
      e: e.map((noise, i) => noise + 12 * UNIT * Math.cos(i % 16)),
    })
    expect([0.1, 1e-4, 1e-6, 0].map((spread) => named(near(spread), 'lane')?.verdict ?? 'pass')).toEqual([
      'pass',
      'pass',
      'pass',
      'pass',
    ])
  })

  test('a gain of a lane that the elements’ noise makes together is no suspicion', () => {
    const third = noisy([64, 48], 0.5, (e, i, v) => (i % 8 === 3 ? e + 5 * UNIT * v : e))
    const verdict = (draws: readonly number[], curves: readonly number[]): string | undefined => {
      const inLane = (gain: number): Float64Array =>
        third.v.map((v, i) => (i % 8 === 3 ? gain * UNIT * v : 0))
      const shared = { noise: draws.map(inLane), curves: curves.map(inLane) }
      return named({ ...third, shared: () => shared }, 'lane')?.verdict
    }
    expect([verdict([4, -4], []), verdict([], [0.1, -9])]).toEqual(['pass', 'pass'])
    expect([verdict([0.01], [0.01]), verdict([Infinity], [1]), verdict([], [])]).toEqual([
      'suspect',
      'suspect',
      'suspect',
    ])
  })

  test('a gain that is legal where a LayerNorm shares its rsqrt', () => {
    const gained = noisy([64, 48], 0.5, (e, _i, v) => e + 4 * UNIT * v)
    expect(named({ ...gained, coherent: 3.4 * UNIT }, 'slope')?.verdict).toBe('pass')
  })

  test('a gain as large as the elements’ noise makes together is no suspicion; one that it does not make is', () => {
    const gained = noisy([64, 48], 0.5, (e, _i, v) => e + 4 * UNIT * v)
    const verdict = (noise: readonly number[], curves: readonly number[]): string | undefined => {
      const times = (gain: number): Float64Array => gained.v.map((v) => gain * UNIT * v)
      const shared = { noise: noise.map(times), curves: curves.map(times) }
      return named({ ...gained, shared: () => shared }, 'slope')?.verdict
    }
    expect(verdict([-4, 4, 2, -2], [])).toBe('pass')
    expect(verdict([], [0.1, -3])).toBe('pass')
    expect(verdict([-0.01, 0.01], [0.01])).toBe('suspect')
    expect(verdict([Infinity], [1])).toBe('suspect')
    expect(verdict([], [])).toBe('suspect')
  })

  test('errors as large as a curve of erf makes them are no suspicion', () => {
    const large = noisy([64, 48], 2)
    const verdict = (size: number): string | undefined =>
      named({ ...large, shared: () => ({ noise: [], curves: [large.s.map((s) => size * s)] }) }, 'rms')
        ?.verdict
    expect([verdict(2), verdict(0.5), verdict(Infinity)]).toEqual(['pass', 'suspect', 'suspect'])
  })

  test('what elements share is asked for only where a suspicion hangs on it', () => {
    const unasked = (): never => {
      throw new Error('asked')
    }
    expect(suspected({ ...noisy([64, 48], 1), shared: unasked })).toEqual([])
    // suspect anyway
    expect(suspected({ ...noisy([64, 48], 20), shared: unasked })).toContain('largest')
  })

  test('rows of a softmax that do not sum to one', () => {
    const rows = noisy([64, 48], 0, () => UNIT)
    expect(named({ ...rows, kind: 'softmax' }, 'mean-row-sum')?.value).toBeCloseTo(48)
    expect(suspected({ ...rows, kind: 'softmax' })).toEqual(['mean-row-sum', 'row-sum'])
  })
})

describe('what takes no part', () => {
  const zeros = new Float64Array(4)
  const errors: Errors = {
    shape: [4],
    e: Float64Array.of(UNIT, 1e9, 1e9, 1e9),
    v: zeros,
    s: Float64Array.of(UNIT, UNIT, Infinity, NaN),
    judged: Uint8Array.of(1, 0, 1, 1),
  }

  test('elements not judged, and those of unknown noise', () => {
    expect(named(errors, 'largest')?.value).toBe(1)
  })

  test('of nothing there are no statistics', () => {
    expect(statisticsOf({ ...errors, judged: Uint8Array.of(0, 0, 1, 1) })).toEqual([])
    expect(statisticsOf({ ...errors, e: zeros, s: zeros })).toEqual([])
  })

  test('what is off where no rounding can happen is beyond all noise', () => {
    const off = { ...errors, s: new Float64Array(4) }
    expect(statisticsOf(off)).toMatchObject([
      { name: 'largest', value: Infinity, verdict: 'suspect', gross: true },
    ])
    expect(statisticsOf(off)[0].sentence).toBe(
      '3 elements are not finite, or off where no rounding can happen',
    )
  })

  test('a NaN is beyond all noise', () => {
    const nan = { ...errors, e: Float64Array.of(NaN, 0, 0, 0) }
    expect(statisticsOf(nan)).toMatchObject([{ name: 'largest', value: Infinity }])
  })
})

test('thresholds have a version', () => {
  expect(thresholds.version).toBe('4')
})
