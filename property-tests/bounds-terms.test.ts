import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import type { boundedOf } from '../src/verdict/bounded/arithmetic.ts'
import { shareOf } from './bounds-adversary.ts'
import { attacks } from './bounds-attacks/index.ts'
import { FILES, TERMS, type Term } from './bounds-terms/index.ts'

interface Bounds {
  readonly boundedOf: typeof boundedOf
}

const verdict = new URL('../src/verdict/', import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'bounds-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The bounded arithmetic with one text of its source replaced, which must stand there once. */
async function weakened(name: string, file: Term[1], from: string, to: string): Promise<Bounds> {
  const place = (path: string): string => join(folder, `${name}-${path.replace('/', '-')}.ts`)
  for (const path of FILES) {
    const url = new URL(`${path}.ts`, verdict)
    let text = readFileSync(url, 'utf8')
    if (path === file) {
      const [before, ...rest] = text.split(from)
      if (rest.length !== 1) throw new Error(`"${from}" stands ${rest.length} times in ${path}.ts`)
      text = `${before}${to}${rest.join('')}`
    }
    const moved = text.replaceAll(/from '(\.[^']+)'/g, (_, imported: string) => {
      const target = new URL(imported, url)
      const own = FILES.find((other) => new URL(`${other}.ts`, verdict).href === target.href)
      return `from '${own === undefined ? target.pathname : place(own)}'`
    })
    writeFileSync(place(path), moved)
  }
  return (await import(pathToFileURL(place('bounded/arithmetic')).href)) as Bounds
}

test.each(TERMS)('half of it is too little: %s', async (name, file, from, to) => {
  const bounds = await weakened(String(TERMS.findIndex(([other]) => other === name)), file, from, to)
  const largest = Math.max(
    ...attacks.map((attack) => shareOf(bounds.boundedOf(attack.profile).rules, attack)),
  )
  expect(largest).toBeGreaterThan(1 + 1e-5)
})
