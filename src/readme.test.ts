import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { formatDims, type Equation } from './catalogue/schema.ts'
import { equations, surroundings } from './catalogue/index.ts'
import { run } from './cli/program.ts'

/** TOUCHSTONE_UPDATE=1 writes what the commands print now into the README instead of comparing. */
const update = process.env['TOUCHSTONE_UPDATE'] === '1'
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const path = join(root, 'README.md')
let readme = readFileSync(path, 'utf8')

let folder = ''
const home = process.cwd()
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'touchstone-readme-'))
  process.chdir(folder)
  // the one adapter that every machine of a kind has alike
  vi.stubEnv('TOUCHSTONE_ADAPTER', 'swiftshader')
  delete process.env['TOUCHSTONE_NO_GPU']
})
afterAll(() => {
  process.chdir(home)
  rmSync(folder, { recursive: true })
  if (update) writeFileSync(path, readme)
})

/** What the command line prints, on either stream. */
async function printed(args: readonly string[]): Promise<string> {
  let text = ''
  const take = (chunk: string | Uint8Array): boolean => {
    text += String(chunk)
    return true
  }
  const streams = [
    vi.spyOn(process.stdout, 'write').mockImplementation(take),
    vi.spyOn(process.stderr, 'write').mockImplementation(take),
  ]
  try {
    await run(args)
  } finally {
    for (const stream of streams) stream.mockRestore()
  }
  return text
}

/** Times differ from run to run; nothing else may. */
function timeless(text: string): string {
  return text.replaceAll(/\d+\.\d s$/gm, '… s')
}

function python(): boolean {
  return spawnSync('python3', ['--version']).status === 0
}

const swiftShader = process.platform === 'linux' && process.arch === 'x64'

test.skipIf(!python() || !swiftShader)(
  'the transcripts are what the commands print (needs python3 for the runtime in it, and linux-x64 for SwiftShader)',
  async () => {
    const blocks = [...readme.matchAll(/```(console|python)\n([^]*?)```/g)]
    expect(blocks.length).toBeGreaterThanOrEqual(4)
    for (const [whole, language, body] of blocks) {
      if (language === 'python') {
        execFileSync('python3', ['-c', body])
        continue
      }
      const commands = [...body.matchAll(/^\$ npx touchstone (.*)$/gm)].map(([, args]) => args)
      const outputs: string[] = []
      for (const args of commands) outputs.push(`$ npx touchstone ${args}\n${await printed(args.split(' '))}`)
      const now = `\`\`\`console\n${outputs.join('')}\`\`\``
      if (update) readme = readme.replace(whole, () => now)
      else expect(timeless(whole)).toBe(timeless(now))
    }
  },
)

test('the tables list the catalogue', () => {
  const line = ({ id, title, source, file, inputs, exposes }: Equation): string => {
    const shape = ([name, { dims }]: readonly [string, { readonly dims: readonly string[] }]): string =>
      `\`${name} ${formatDims(dims)}\``
    const outputs = Object.entries(exposes).filter(([, spec]) => spec.output === true)
    const columns = [
      `[\`${id}\`](${file})`,
      `${title}; ${source}`,
      Object.entries(inputs).map(shape).join(', ') || '–',
      outputs.map(shape).join(', '),
    ]
    return `| ${columns.join(' | ')} |`
  }
  for (const [name, entries] of Object.entries({ equations, surroundings })) {
    const table = ['| id | what | inputs | outputs |', '|---|---|---|---|', ...entries.map(line)].join('\n')
    const now = `<!-- ${name} -->\n\n${table}\n\n<!-- /${name} -->`
    const there = new RegExp(`<!-- ${name} -->[^]*<!-- /${name} -->`)
    if (update) readme = readme.replace(there, () => now)
    expect(readme.match(there)?.[0]).toBe(now)
  }
})

test('every file the README links to is there', () => {
  for (const [, target] of readme.matchAll(/\]\(([^)#]+)\)/g)) {
    if (!target.startsWith('http'))
      expect(() => readFileSync(join(root, target)), target).not.toThrow(/ENOENT/)
  }
})
