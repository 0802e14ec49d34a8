import { expect, test } from 'vitest'
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

function lines(output: OutputJudgement, id: string): string {
  const blame = { findings: [{ ...leaning, id }], invisible: [], tried: 3, drawn: 16 }
  const judgement: Judgement = { id: 'stvit/eq1', verdict: 'suspect', outputs: [output], absent: [], blame }
  return judgementLines(judgement).join('\n')
}

test.each(['gain/A', 'scale'])(
  'a direction that alone made the verdict is named, however little of it: %s',
  (id) => {
    expect(lines({ name: 'S', verdict: 'pass' }, id)).toContain(leaning.sentence)
    expect(lines({ name: 'S', verdict: 'suspect', reason: 'one' }, id)).toContain('none of the 3 named bugs')
  },
)

test('a format that may be meant is named with the profile that allows it', () => {
  const found = { ...leaning, kind: 'consistent', beta: 1, profile: 'bf16-model' } as const
  const blame = { findings: [found], invisible: [], tried: 3, drawn: 16 }
  const judgement: Judgement = { id: 'stvit/eq1', verdict: 'fail', outputs: [], absent: [], blame }
  expect(judgementLines(judgement).join('\n')).toContain(
    `${leaning.sentence}; if it is meant: --profile bf16-model`,
  )
})
