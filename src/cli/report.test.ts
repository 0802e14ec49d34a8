import { describe, expect, test } from 'vitest'
import type { Judgement, OutputJudgement } from '../verdict/judgement.ts'
import { judgementLines } from './report.ts'

const leaning = {
  id: 'gain/A',
  says: 'A 1e-6 too large',
  kind: 'leaning',
  beta: 0.1,
  standardError: 0.01,
  snr: 100,
  explained: 0.02,
  mismatches: { before: 0, after: 0 },
  alike: [],
  sentence: 'leans along A 1e-6 too large',
} as const

const off = {
  name: 'S',
  verdict: 'fail',
  reason: 'one',
  fromUpstream: { verdict: 'fail', elements: 9, unprovable: 0, share: 2, rms: 5, statistics: [] },
} as const

function lines(output: OutputJudgement, id: string): string {
  const blame = { findings: [{ ...leaning, id }], invisible: [], tried: 3, drawn: 16 }
  const judgement: Judgement = { id: 'stvit/eq1', verdict: 'suspect', outputs: [output], absent: [], blame }
  return judgementLines(judgement).join('\n')
}

test.each(['gain/A', 'scale'])(
  'a direction that alone made the verdict is named, however little of it: %s',
  (id) => {
    expect(lines({ name: 'S', verdict: 'pass' }, id)).toContain(leaning.sentence)
    expect(lines({ ...off, verdict: 'suspect' }, id)).toContain('none of the 3 named bugs')
  },
)

describe('errors that lean along a bug', () => {
  const said = (
    more: Partial<Record<'beta' | 'explained', number>>,
    output: OutputJudgement = off,
  ): string => {
    const found = { ...leaning, id: 'scale', ...more }
    const blame = { findings: [found], invisible: [], tried: 3, drawn: 16 }
    return judgementLines({ id: 'stvit/eq1', verdict: 'fail', outputs: [output], absent: [], blame }).join(
      '\n',
    )
  }

  test.each([
    { beta: 1.1, explained: 0.6 },
    { beta: 3, explained: 0.9 },
  ])('are said to where it is most of them: %o', (more) => {
    expect(said(more)).toContain(leaning.sentence)
  })

  test.each([
    { beta: 1.1, explained: 0.4 },
    { beta: 3, explained: 0.7 },
    { beta: 7, explained: 0.9 },
  ])('are not where it is little of them, or another size of it: %o', (more) => {
    expect(said(more)).not.toContain(leaning.sentence)
  })

  test('are not where the tensor is another one', () => {
    const arrangement = { says: 'it is what A should be', kind: 'whole' } as const
    const text = said({ beta: 1.1, explained: 0.9 }, { ...off, arrangement })
    expect(text).toContain(arrangement.says)
    expect(text).not.toContain(leaning.sentence)
    expect(text).not.toContain('none of the')
    expect(said({ beta: 3, explained: 0.7 })).toContain('none of the')
  })

  test('and nothing is said of likeness beside a bug that has a name', () => {
    const arrangement = { says: 'like nothing', kind: 'unlike' } as const
    const output = { ...off, arrangement }
    expect(said({ beta: 3, explained: 0.1 }, output)).toContain(arrangement.says)
    const blame = {
      findings: [{ ...leaning, kind: 'consistent' as const }],
      invisible: [],
      tried: 3,
      drawn: 16,
    }
    const judgement: Judgement = { id: 'stvit/eq1', verdict: 'fail', outputs: [output], absent: [], blame }
    expect(judgementLines(judgement).join('\n')).not.toContain(arrangement.says)
  })
})

test.each([
  [1, '; here not to be told from bug 1'],
  [3, '; here not to be told from bug 1, bug 2, bug 3'],
  [5, '; here not to be told from bug 1, bug 2, bug 3 and 2 more'],
])('bugs that look the same are told in words: %i', (count, words) => {
  const alike = Array.from({ length: count }, (_, i) => ({ id: `id/${i}`, says: `bug ${i + 1}` }))
  const found = { ...leaning, kind: 'consistent', beta: 1, alike } as const
  const blame = { findings: [found], invisible: [], tried: 3, drawn: 16 }
  const judgement: Judgement = { id: 'stvit/eq1', verdict: 'fail', outputs: [], absent: [], blame }
  expect(judgementLines(judgement)).toContain(`  ${leaning.sentence}${words}`)
})

test('a format that may be meant is named with the profile that allows it', () => {
  const found = { ...leaning, kind: 'consistent', beta: 1, profile: 'bf16-model' } as const
  const blame = { findings: [found], invisible: [], tried: 3, drawn: 16 }
  const judgement: Judgement = { id: 'stvit/eq1', verdict: 'fail', outputs: [], absent: [], blame }
  expect(judgementLines(judgement).join('\n')).toContain(
    `${leaning.sentence}; if it is meant: --profile bf16-model`,
  )
})
