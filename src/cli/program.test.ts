import { readFileSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { answer, caught, question, refused, scaled, succeeded, touchstone, type Ran } from './testing.ts'

describe('the program', () => {
  test.each<[string[], string]>([
    [['chekc'], "unknown command 'chekc' (Did you mean check?)"],
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['list', '--jsn'], "unknown option '--jsn' (Did you mean --json?)"],
    [['run', 'x.st', '-o', 'y.st', '--precision'], "unknown option '--precision'"],
    [['check'], "missing required argument 'file'"],
    [['run', 'x.st'], "required option '-o, --output <file>' not specified"],
    [['emit', 'stvit/eq1'], "required option '-o, --output <file>' not specified"],
    [['list', 'a', 'b'], "too many arguments for 'list'. Expected 1 argument but got 2."],
    [
      ['verify', '--arithmetic', 'exact'],
      '--arithmetic: expected a known arithmetic, found "exact" (known: float32, float32-dense, float64, simulated, gpu)',
    ],
    [['list', '--json'], "option '--json <file>' argument missing"],
  ])('%j is refused in one line', refused)

  test.each<[string[], string]>([
    [['run', 'x.st', '-o', 'a.st', '--output=b.st'], '--output: expected one value, found "a.st" and "b.st"'],
    [
      ['check', 'x.st', '--profile', 'wgsl', '--profile', 'wgsl'],
      '--profile: expected one value, found "wgsl" and "wgsl"',
    ],
    [['emit', 'stvit/eq1', '-oa', '-o', 'b'], '--output: expected one value, found "a" and "b"'],
    [['golden', 'list', '--folder', 'a', '--folder', 'b'], '--folder: expected one value, found "a" and "b"'],
    [
      ['verify', '--seed', '1', '--cases', '2', '--seed', '2'],
      '--seed: expected one value, found "1" and "2"',
    ],
  ])('%j: an option of which only one value counts is refused twice', refused)

  test('flags and options that collect may be repeated', async () => {
    const path = await question('sparsifiner/eq2')
    await succeeded('run', path, '-o', path, '--intermediates', '--intermediates')
    // the second is read too
    const photo = 'golden/images/chelsea.png'
    expect((await touchstone('verify', '--image', photo, '--image', 'none.png')).err).toContain('none.png')
    const { err } = await touchstone('sensitivity', '--equation', 'stvit/eq1', '--equation', 'stvit/eq7')
    expect(err).toContain('"stvit/eq7"')
  })

  test.each([
    [['--help'], 'Usage: touchstone [options] [command]'],
    [['help'], 'Usage: touchstone [options] [command]'],
    [['check', '--help'], 'Usage: touchstone check [options] <file...>'],
    [['help', 'emit'], 'Usage: touchstone emit [options] <id>'],
  ])('%j helps', async (args, usage) => {
    const out = await succeeded(...args)
    expect(out.split('\n')[0]).toBe(usage)
  })

  test.each([['--help'], ['check', '--help'], ['golden', 'verify', '--help']])(
    '%s %s says what exit codes mean',
    async (...args) => {
      const said = 'Exit codes: 0 all held, 1 something judged wrong, 2 the question could not be asked.'
      expect((await succeeded(...args)).split(said)).toHaveLength(2)
    },
  )

  test('help has the commands in the order in which they are used, as the README has', async () => {
    const named = (text: string, each: RegExp): string[] =>
      [...text.matchAll(each)].map(([, name]) => name).filter((name) => name !== 'help')
    const commands = named((await succeeded('--help')).split('Commands:')[1], /^ {2}(\w+) /gm)
    expect(commands.slice(0, 5)).toEqual(['verify', 'list', 'emit', 'run', 'check'])
    expect(named(readFileSync('README.md', 'utf8'), /^\| `touchstone (\w+)/gm)).toEqual(commands)
  })

  test('an option that collects has nothing to begin with, and no "[]"', async () => {
    expect(await succeeded('verify', '--help')).not.toContain('default: [])')
  })

  test('--version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
    expect(await succeeded('--version')).toBe(`${version}\n`)
  })
})

describe('colour', () => {
  // eslint-disable-next-line no-control-regex -- escape sequences are what is looked for
  const ESCAPE = /\u001b\[/

  async function coloured(environment: Readonly<Record<string, string>>, terminal: boolean): Promise<Ran> {
    const path = scaled(await answer('sparsifiner/eq8'), 'output.loss', 2)
    const { isTTY } = process.stdout
    for (const name of ['NO_COLOR', 'FORCE_COLOR', 'CI']) vi.stubEnv(name, environment[name])
    process.stdout.isTTY = terminal
    vi.resetModules()
    try {
      const { run: again } = await import('./program.ts')
      return await caught(() => again(['check', path]))
    } finally {
      process.stdout.isTTY = isTTY
      vi.unstubAllEnvs()
      vi.resetModules()
    }
  }

  test('on a terminal', async () => expect((await coloured({}, true)).out).toMatch(ESCAPE))

  test.each<[string, Readonly<Record<string, string>>, boolean]>([
    ['with NO_COLOR', { NO_COLOR: '1' }, true],
    ['with NO_COLOR, though forced', { NO_COLOR: '1', FORCE_COLOR: '1' }, true],
    ['into a pipe', {}, false],
    ['into a pipe in CI', { CI: 'true' }, false],
  ])('none %s', async (_, environment, terminal) => {
    const { code, out, err } = await coloured(environment, terminal)
    expect(code).toBe(1)
    expect(out).not.toMatch(ESCAPE)
    expect(err).toBe('')
  })
})
