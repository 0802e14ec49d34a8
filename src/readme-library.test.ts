import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { touchstone } from './cli/testing.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const snippets = [...readme.matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code)
const library = fileURLToPath(new URL('index.ts', import.meta.url))

const folder = mkdtempSync(join(tmpdir(), 'touchstone-library-'))
const home = process.cwd()
beforeAll(async () => {
  process.chdir(folder)
  await touchstone('emit', 'stvit/eq1', '--seed', '7', '-o', 'question.safetensors')
  await touchstone('run', 'question.safetensors', '-o', 'answer.safetensors')
})
afterAll(() => {
  process.chdir(home)
  rmSync(folder, { recursive: true })
})

test('the README has a snippet that judges, and one that asks the reference', () => {
  expect(snippets).toHaveLength(2)
})

test.each(snippets.map((code, i) => [i, code] as const))(
  'snippet %i prints what it says',
  async (i, code) => {
    const file = join(folder, `snippet-${i}.ts`)
    writeFileSync(file, code.replace("'vit-touchstone'", JSON.stringify(library)))
    const expected = [...code.matchAll(/\/\/ (.*)$/gm)].map(([, said]) => said)
    expect(expected.length).toBeGreaterThan(0)
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    try {
      await import(/* @vite-ignore */ pathToFileURL(file).href)
      expect(log.mock.calls.map((words) => words.join(' '))).toEqual(expected)
    } finally {
      log.mockRestore()
    }
  },
)
