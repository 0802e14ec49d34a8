import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { equations } from '../catalogue/index.ts'
import { readCase } from '../cases/read-case.ts'
import { decode } from '../cases/safetensors.ts'
import { run } from '../cli/program.ts'
import { judgeUnder } from '../verdict/judge/index.ts'
import type { Judge } from '../verdict/judgement.ts'
import { profileNamed } from '../verdict/profile/read.ts'
import { packageRoot } from '../version.ts'

const folder = join(packageRoot, 'golden', 'field')
const file = z.object({ sha256: z.string(), id: z.string(), profile: z.string().default('portable') })
const manifest = z
  .object({
    versions: z.record(z.string(), z.string()),
    answers: z.record(z.string(), file.extend({ runtime: z.string() })),
    planted: z.record(z.string(), file.extend({ bug: z.string(), says: z.string().min(1) })),
  })
  .parse(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')))

const answers = Object.entries(manifest.answers)
const planted = Object.entries(manifest.planted)
const judges = (profile: string): Judge[] =>
  (['on-suspicion', 'always'] as const).map((directions) => judgeUnder(profileNamed(profile), directions))

test('the folder holds what the manifest lists, bit by bit', () => {
  const held = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.safetensors'))
    .map((path) => path.replaceAll('\\', '/'))
  expect(held.toSorted()).toEqual([...answers, ...planted].map(([path]) => path).toSorted())
  for (const [path, { sha256 }] of [...answers, ...planted]) {
    const hash = createHash('sha256')
      .update(readFileSync(join(folder, path)))
      .digest('hex')
    expect({ path, hash }).toEqual({ path, hash: sha256 })
  }
})

test('every runtime answers every equation', () => {
  const runtimes = new Set(answers.map(([, { runtime }]) => runtime))
  expect(runtimes.size).toBeGreaterThanOrEqual(7)
  for (const runtime of runtimes) {
    const answered = new Set(answers.filter(([, entry]) => entry.runtime === runtime).map(([, { id }]) => id))
    expect([...answered].toSorted()).toEqual(equations.map(({ id }) => id).toSorted())
  }
})

describe('honest answers pass, with what they show of themselves and without, with directions and without', () => {
  test.each(answers)('%s', (path, { profile }) => {
    const { question, outputs } = readCase(decode(readFileSync(join(folder, path))))
    const alone = new Map([...outputs].filter(([name]) => question.equation.exposes[name].output === true))
    for (const judge of judges(profile)) {
      const about = judge.about(question)
      for (const shown of [outputs, alone]) {
        const { verdict, absent, outputs: judged, blame } = about(shown)
        const wrong = judged.filter((output) => output.verdict !== 'pass')
        expect({ verdict, absent, wrong, findings: blame?.findings ?? [] }).toEqual({
          verdict: 'pass',
          absent: [],
          wrong: [],
          findings: [],
        })
      }
    }
  })
})

describe('planted bugs are red and named', () => {
  test.each(planted)('%s', async (path, { says, profile }) => {
    let text = ''
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      text += String(chunk)
      return true
    })
    try {
      expect(await run(['check', '--profile', profile, join(folder, path)])).toBe(1)
    } finally {
      write.mockRestore()
    }
    expect(text).toContain(says)
  })
})
