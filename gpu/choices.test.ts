import { describe, expect, test } from 'vitest'
import { recorder, type Recorder, type Storage } from './program.ts'

const step = (record: Recorder, kernel: string, ...reads: Storage[]): Storage =>
  record.fill(1, { kernel, reads, uniform: [], invocations: 1 })

/** What a text does in two steps, or in one; `inner` is what lies between. */
function twoSteps(record: Recorder, x: Storage): { inner: Storage; outer: Storage } {
  return record.choice(
    () => {
      const inner = step(record, 'inner', x)
      return { inner, outer: step(record, 'outer', inner) }
    },
    ({ outer }) => record.dispatch({ kernel: 'both', reads: [x], uniform: [], invocations: 1 }, [x, outer]),
  )
}

const kernelsOf = (record: Recorder, wanted: readonly Storage[]): string[] =>
  record.take(wanted).dispatches.map(({ kernel }) => kernel)

describe('one kernel instead of several', () => {
  test('where only the result is read', () => {
    const record = recorder()
    const x = step(record, 'before')
    const { outer } = twoSteps(record, x)
    expect(kernelsOf(record, [step(record, 'after', outer)])).toEqual(['before', 'both', 'after'])
  })

  test('not where what lies between is wanted', () => {
    const record = recorder()
    const { inner, outer } = twoSteps(record, step(record, 'before'))
    expect(kernelsOf(record, [outer, inner])).toEqual(['before', 'inner', 'outer'])
  })

  test('not where what lies between is read later in the program', () => {
    const record = recorder()
    const { inner, outer } = twoSteps(record, step(record, 'before'))
    const later = step(record, 'later', inner)
    expect(kernelsOf(record, [outer, later])).toEqual(['before', 'inner', 'outer', 'later'])
  })

  test('where what lies between is read by what is itself replaced', () => {
    const record = recorder()
    const { inner, outer } = twoSteps(record, step(record, 'before'))
    const last = record.choice(
      () => step(record, 'sum', step(record, 'later', inner), outer),
      (sum) => record.dispatch({ kernel: 'all', reads: [outer], uniform: [], invocations: 1 }, [outer, sum]),
    )
    expect(kernelsOf(record, [last])).toEqual(['before', 'both', 'all'])
  })

  test('the outer of two, one inside the other; the inner where the outer cannot', () => {
    const nested = (): { record: Recorder; middle: Storage; last: Storage } => {
      const record = recorder()
      const x = step(record, 'before')
      const found = record.choice(
        () => {
          const middle = twoSteps(record, x).outer
          return { middle, last: step(record, 'last', middle) }
        },
        ({ last }) => record.dispatch({ kernel: 'all', reads: [x], uniform: [], invocations: 1 }, [x, last]),
      )
      return { record, ...found }
    }
    const one = nested()
    expect(kernelsOf(one.record, [one.last])).toEqual(['before', 'all'])
    const other = nested()
    expect(kernelsOf(other.record, [other.last, other.middle])).toEqual(['before', 'both', 'last'])
  })

  test('what was skipped cannot be read later', () => {
    const record = recorder()
    const { inner, outer } = twoSteps(record, step(record, 'before'))
    record.take([outer])
    expect(() => record.take([inner])).toThrow('what a fused kernel skipped is read later')
    step(record, 'later', inner)
    expect(() => record.take([])).toThrow('what a fused kernel skipped is read later')
  })
})
