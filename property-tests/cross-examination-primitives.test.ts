import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Arithmetic, Kinds } from '../reference/arithmetic.ts'
import type { Evaluator } from '../reference/evaluator.ts'
import { float32, float32Dense, type FullKinds } from '../reference/float32/index.ts'
import { float64 } from '../src/arithmetics/float64.ts'
import { cutting, planted, withPlanted } from './planted-kernels.ts'
import { answerProbe, probes, type Probe } from './primitive-probes.ts'
import { runningError } from './running-error/index.ts'
import { parameters } from './seed.ts'
import { compareWithin, type Compared } from './within-error.ts'

const RUNS = 60

const bounds = { float32: runningError('float32'), float64: runningError('float64') }

/** What a primitive answers against its definition in 64 digits. */
function examine<K extends Kinds>(
  evaluator: Evaluator<K>,
  probe: Probe,
  precision: keyof typeof bounds,
): Compared {
  const found = evaluator.readDense(answerProbe(evaluator, probe))
  const expected = answerProbe(bounds[precision], probe)
  expect([...found.shape]).toEqual([...expected.shape])
  return compareWithin(found.data, expected)
}

describe.each(Object.entries(probes))('%s', (_, probe) => {
  test.each([
    ['float32', (one: Probe) => examine(float32(), one, 'float32')],
    ['float32-dense', (one: Probe) => examine(float32Dense(), one, 'float32')],
    ['float64', (one: Probe) => examine(float64(), one, 'float64')],
  ] as const)('in %s is within its own error of its definition', (_name, examined) => {
    let [judged, all] = [0, 0]
    fc.assert(
      fc.property(probe, (one) => {
        const compared = examined(one)
        judged += compared.judged
        all += compared.all
        expect(compared.worst, `element ${compared.index}`).toBeLessThanOrEqual(1)
      }),
      parameters(RUNS),
    )
    // overflow aside, nothing is excused
    expect(judged / all).toBeGreaterThan(0.5)
  })
})

/** A planted bug need not show in every probe; this many it must not survive. */
const PLANTED_RUNS = 400

/** Whether the probes of a primitive find something beyond the bounds. */
function isFound(primitive: keyof typeof probes, rules: Partial<Arithmetic<FullKinds>>): boolean {
  const evaluator = withPlanted(rules)
  const probe = probes[primitive]
  if (probe === undefined) expect.unreachable(`no probe of ${primitive}`)
  return fc
    .sample(probe, parameters(PLANTED_RUNS))
    .some((one) => examine(evaluator, one, 'float32').worst > 1)
}

test.each(Object.entries(cutting))('%s that cuts off instead of rounding is found', (primitive, rules) => {
  expect(isFound(primitive as keyof typeof probes, rules)).toBe(true)
})

test.each(planted.map((bug) => [bug.name, bug] as const))('%s: found', (_, { primitive, plant }) => {
  expect(isFound(primitive, plant(float32Dense().rules))).toBe(true)
})

test('every primitive but the names has a probe, and every probe a planted bug', () => {
  const names = ['shape', 'composite', 'scope', 'expose', 'exposeSparse', 'exposeMask']
  const all = Object.keys(float32().rules).filter((name) => !names.includes(name))
  expect(Object.keys(probes).toSorted()).toEqual(all.toSorted())
  const found = new Set([...Object.keys(cutting), ...planted.map(({ primitive }) => primitive)])
  expect([...found].toSorted()).toEqual(all.toSorted())
})
