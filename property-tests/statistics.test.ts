import fc from 'fast-check'
import { expect, test } from 'vitest'
import { equations } from '../src/catalogue/index.ts'
import { sample } from '../src/catalogue/sample.ts'
import { random } from '../src/random.ts'
import { statisticsOf, type Errors, type Statistic } from '../src/verdict/statistics/index.ts'
import { answerOf, tryingOf } from './directions-lab.ts'
import { honestRuntimes } from './honest-runtimes.ts'
import { parameters } from './seed.ts'

const kinds = fc.constantFrom(undefined, 'softmax' as const, 'gelu' as const)

/** Errors, values and deviations of a matrix, some elements unjudged or of unknown noise. */
const matrices: fc.Arbitrary<Errors> = fc
  .record({ rows: fc.integer({ min: 1, max: 40 }), width: fc.integer({ min: 1, max: 40 }), kind: kinds })
  .chain(({ rows, width, kind }) => {
    const n = rows * width
    const reals = (min: number, max: number): fc.Arbitrary<Float64Array> =>
      fc.float64Array({ minLength: n, maxLength: n, min, max, noNaN: true })
    return fc
      .record({
        e: reals(-4, 4).map((e) => e.map((x) => (Math.abs(x) < 1e-6 ? 0 : x))),
        v: reals(-100, 100).map((v) => v.map((x) => (Math.abs(x) < 1e-6 ? 0 : x))),
        s: reals(0.01, 2),
        unknown: fc.array(fc.nat(n - 1), { maxLength: 3 }),
        judged: fc.uint8Array({ minLength: n, maxLength: n, min: 0, max: 1 }),
      })
      .map(({ e, v, s, unknown, judged }) => {
        const known = s.map((x, i) => (unknown.includes(i) ? Infinity : x))
        const errors: Errors = { shape: [rows, width], e, v, s: known, judged }
        return kind === undefined ? errors : Object.assign(errors, { kind })
      })
  })

/** What does not name a row. */
function numbersOf(statistics: readonly Statistic[]): object[] {
  return statistics.map(({ name, value, threshold, verdict }) => ({ name, value, threshold, verdict }))
}

test('a stream times a power of two has the same statistics, bit for bit', () => {
  fc.assert(
    fc.property(matrices, fc.integer({ min: -20, max: 40 }), (errors, power) => {
      const times = (x: Float64Array): Float64Array => x.map((value) => value * 2 ** power)
      const scaled = { ...errors, e: times(errors.e), v: times(errors.v), s: times(errors.s) }
      // row sums of a softmax are compared with one, which does not scale
      const scaling = (one: Statistic): boolean => !one.name.endsWith('row-sum')
      expect(statisticsOf(scaled).filter(scaling)).toEqual(statisticsOf(errors).filter(scaling))
    }),
    parameters(),
  )
})

test('rows and columns in another order have the same statistics, up to the order of summing', () => {
  fc.assert(
    fc.property(matrices, fc.nat(), fc.nat(), (errors, byRows, byColumns) => {
      const [rows, width] = errors.shape
      const place = (i: number): number =>
        ((Math.floor(i / width) + byRows) % rows) * width + (width - 1 - (((i % width) + byColumns) % width))
      const moved = <A extends Float64Array | Uint8Array>(x: A): A => {
        const out = x.slice()
        for (let i = 0; i < x.length; i++) out[i] = x[place(i)]
        return out as A
      }
      const { e, v, s, judged } = errors
      const permuted = { ...errors, e: moved(e), v: moved(v), s: moved(s), judged: judged && moved(judged) }
      // a lane is columns that stand where they do
      const orderless = (of: typeof errors): Statistic[] =>
        statisticsOf(of).filter(({ name }) => name !== 'lane')
      const [before, after] = [orderless(errors), orderless(permuted)]
      expect(after.map(({ name }) => name)).toEqual(before.map(({ name }) => name))
      for (const [i, { name, value, threshold }] of before.entries()) {
        // in u, of sums that cancel: they keep only the digits that their terms have
        const cancels = name === 'slope' || name.endsWith('row-sum')
        const slack = cancels ? 1e-5 + 1e-9 * value : 1e-9 * value
        expect(Math.abs(after[i].value - value), name).toBeLessThanOrEqual(slack)
        if (name !== 'row' && name !== 'column') {
          expect(after[i].threshold / threshold, name).toBeCloseTo(1, 9)
        }
      }
    }),
    parameters(),
  )
})

test('errors twice as large are never less suspect', () => {
  fc.assert(
    fc.property(matrices, (errors) => {
      const twice = statisticsOf({ ...errors, e: errors.e.map((x) => 2 * x) })
      for (const [i, { name, verdict }] of statisticsOf(errors).entries()) {
        // ratios of errors to errors may fall to their floor, and then rise
        if (verdict === 'suspect') expect(twice[i].verdict, name).toBe('suspect')
      }
      expect(numbersOf(twice)).toHaveLength(numbersOf(statisticsOf(errors)).length)
    }),
    parameters(),
  )
})

/** What gives an intermediate on its own upstream. */
function kindOf(path: string, normalize: unknown): Errors['kind'] {
  if (path.endsWith('gelu')) return 'gelu'
  const whole = ['A', 'A_down', 'weights'].includes(path) || (path === 'A_sparse' && normalize === 'masked')
  return whole ? 'softmax' : undefined
}

test.each(equations.map((equation) => [equation.id, equation] as const))(
  'nothing is suspected of an honest runtime: %s',
  (_, equation) => {
    const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })
    fc.assert(
      fc.property(seeds, fc.constantFrom(...honestRuntimes), (seed, runtime) => {
        const question = sample(equation, seed)
        // a LayerNorm over two or three channels is off as a whole, which the interim noise does not know
        fc.pre((question.sizes['C'] ?? 4) >= 4)
        const found = answerOf(runtime.evaluator(random(seed)), question, 'everything')
        const { known } = tryingOf(question, found)
        for (const [path, value] of found) {
          const { v, s, judged } = known(path) ?? {}
          if (value.kind === 'mask' || v === undefined || s === undefined) continue
          const kind = kindOf(path, question.config['normalize'])
          const errors: Errors = {
            shape: value.tensor.shape,
            e: Float64Array.from(value.tensor.data, (x, i) => x - v.data[i]),
            s: Float64Array.from(s.data),
            v: Float64Array.from(v.data),
            judged,
            coherent: path.includes('norm') ? 3.4 * 2 ** -24 : 0,
            ...(kind === undefined ? {} : { kind }),
          }
          expect(statisticsOf(errors).filter(({ verdict }) => verdict === 'suspect')).toEqual([])
        }
      }),
      parameters(25),
    )
  },
)
