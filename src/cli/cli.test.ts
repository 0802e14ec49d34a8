import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Shape } from '../../reference/tensor.ts'
import { fromReal, real, type RawTensor, type TensorFile } from '../cases/raw-tensor.ts'
import { readTensorFile, writeTensorFile } from '../cases/tensor-files.ts'
import { catalogue } from '../catalogue/index.ts'
import { probes } from '../catalogue/probes/index.ts'
import { run } from './program.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
const fresh = (name = 'case'): string => join(folder, `${++files}-${name}.safetensors`)

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the command line in this process, its two streams caught. */
async function touchstone(...args: string[]): Promise<Ran> {
  return caught(() => run(args))
}

async function caught(work: () => Promise<number>): Promise<Ran> {
  let [out, err] = ['', '']
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text)
    return true
  })
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text)
    return true
  })
  try {
    return { code: await work(), out, err }
  } finally {
    stdout.mockRestore()
    stderr.mockRestore()
  }
}

/** A refusal: exit code 2, nothing on standard output, and this one line on standard error. */
async function refused(args: readonly string[], message: string): Promise<void> {
  const { code, out, err } = await touchstone(...args)
  expect(err).toBe(`touchstone: ${message}\n`)
  expect(out).toBe('')
  expect(code).toBe(2)
}

async function succeeded(...args: string[]): Promise<string> {
  const { code, out, err } = await touchstone(...args)
  expect(err).toBe('')
  expect(code).toBe(0)
  return out
}

/** A new question in a file. */
async function question(id: string, ...options: string[]): Promise<string> {
  const path = fresh()
  await succeeded('emit', id, '-o', path, ...options)
  return path
}

/** A new question answered. */
async function answer(id: string, ...options: string[]): Promise<string> {
  const path = await question(id)
  await succeeded('run', path, '-o', path, ...options)
  return path
}

function edit(path: string, change: (file: TensorFile) => Partial<TensorFile>): string {
  const file = readTensorFile(path)
  const edited = fresh('edited')
  writeTensorFile(edited, { ...file, ...change(file) })
  return edited
}

/** The file with the largest element of a tensor times `factor`. */
function scaled(path: string, name: string, factor: number): string {
  return edit(path, ({ tensors }) => {
    const raw = tensorOf(tensors, name)
    const data = Float64Array.from(real(raw))
    const worst = data.reduce((most, value, i) => (Math.abs(value) > Math.abs(data[most]) ? i : most), 0)
    data[worst] *= factor
    const stored = raw.dtype === 'F64' ? data : Float32Array.from(data)
    return { tensors: new Map([...tensors, [name, fromReal(stored, raw.shape)]]) }
  })
}

function tensorOf(tensors: ReadonlyMap<string, RawTensor>, name: string): RawTensor {
  const raw = tensors.get(name)
  if (raw === undefined) throw new Error(`no ${name}`)
  return raw
}

const namesIn = (path: string): string[] => [...readTensorFile(path).tensors.keys()].toSorted()
const outputsIn = (path: string): string[] => namesIn(path).filter((name) => name.startsWith('output.'))
const shapeIn = (path: string, name: string): Shape => tensorOf(readTensorFile(path).tensors, name).shape

const IDS = [
  ...[1, 2, 3, 4, 5, 6].map((n) => `stvit/eq${n}`),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((n) => `sparsifiner/eq${n}`),
  ...['attention', 'linformer', 'phase1', 'phase2'].map((name) => `sparsifiner/${name}`),
]

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
    [['list', '--json'], "option '--json <file>' argument missing"],
  ])('%j is refused in one line', refused)

  test.each([
    [['--help'], 'Usage: touchstone [options] [command]'],
    [['help'], 'Usage: touchstone [options] [command]'],
    [['check', '--help'], 'Usage: touchstone check [options] <file...>'],
    [['help', 'emit'], 'Usage: touchstone emit [options] <id>'],
  ])('%j helps', async (args, usage) => {
    const out = await succeeded(...args)
    expect(out.split('\n')[0]).toBe(usage)
  })

  test('help says what exit codes mean', async () => {
    expect(await succeeded('--help')).toContain(
      'Exit codes: 0 all held, 1 something judged wrong, 2 the question could not be asked.',
    )
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

describe('list', () => {
  test('shows every equation, one a line', async () => {
    const lines = (await succeeded('list')).split('\n')
    for (const id of IDS) expect(lines.filter((line) => line.startsWith(`${id} `))).toHaveLength(1)
    expect(lines.find((line) => line.startsWith('sparsifiner/eq3 '))).toMatch(
      /A_tilde \[\.\., n, m\] +scores \[\.\., n, n\], M \[\.\., n, n\] +Connectivity mask$/,
    )
  })

  test('shows one in full', async () => {
    const out = await succeeded('list', 'sparsifiner/eq4')
    expect(out).toMatch(/^sparsifiner\/eq4 /)
    expect(out).toMatch(/^input\.M +\[\.\., n, n\] +0\/1$/m)
    expect(out).toMatch(/^config\.normalize +"full" or "masked" +default full; /m)
    expect(out).toMatch(/^output\.A_sparse +\[\.\., n, n\]$/m)
    expect(out).not.toContain('output.logits')
  })

  test('shows intermediates when asked', async () => {
    const out = await succeeded('list', 'sparsifiner/eq4', '--intermediates')
    expect(out).toMatch(/^output\.logits +\[\.\., n, n\] +intermediate, where M = 1$/m)
    const layer = await succeeded('list', 'stvit/eq1', '--intermediates')
    const names = [...layer.matchAll(/^output\.(\w+)/gm)].map(([, name]) => name)
    const contract =
      'norm_q norm_kv q k v scores A heads attn S_hat norm2 fc1 gelu fc2 S (in order of computing)'
    expect(`${names.join(' ')} (in order of computing)`).toBe(contract)
  })

  test('--json - is JSON and nothing else', async () => {
    const all = JSON.parse(await succeeded('list', '--json', '-')) as { equations: { id: string }[] }
    expect(all.equations.map(({ id }) => id)).toEqual(expect.arrayContaining([...IDS]))
    expect(all.equations.length).toBe(catalogue.length)
    const one = JSON.parse(await succeeded('list', 'stvit/eq3', '--json', '-')) as typeof all
    expect(one.equations.map(({ id }) => id)).toEqual(['stvit/eq3'])
  })

  test('--json FILE comes on top of the text', async () => {
    const path = join(folder, 'list.json')
    expect(await succeeded('list', 'stvit/eq3', '--json', path)).toMatch(/^stvit\/eq3 /)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ equations: [{ id: 'stvit/eq3' }] })
  })

  test.each<[string[], string]>([
    [['list', 'stvit/eq12'], 'id: expected a known equation, found "stvit/eq12" (did you mean "stvit/eq1"?)'],
    [
      ['list', '--json', '/nowhere/list.json'],
      '/nowhere/list.json: expected a place that can be written, found no such file or directory (ENOENT)',
    ],
  ])('%j is refused', refused)
})

describe('emit', () => {
  test('the same seed gives the same bytes, another seed others', async () => {
    for (const id of IDS) {
      const bytes = async (...options: string[]): Promise<Buffer> =>
        readFileSync(await question(id, ...options))
      const seven = await bytes('--seed', '7')
      expect(await bytes('--seed', '7')).toEqual(seven)
      expect(await bytes('--seed', '8')).not.toEqual(seven)
    }
  })

  test('the seed is 1 unless given, and stands in the file', async () => {
    const path = await question('stvit/eq2')
    expect(readFileSync(path)).toEqual(readFileSync(await question('stvit/eq2', '--seed', '1')))
    expect(readTensorFile(path).metadata.get('seed')).toBe('1')
  })

  test('a question has no output, and says where it is from', async () => {
    const path = fresh()
    const out = await succeeded('emit', 'stvit/eq1', '-o', path)
    expect(outputsIn(path)).toEqual([])
    expect(out).toMatch(/^.*\.safetensors: stvit\/eq1, (\w+ = \d+, )+config {"heads":\d}\n$/)
    expect(readTensorFile(path).metadata.get('source')).toMatch(/^touchstone emit \d/)
  })

  test('--sizes, --batch and --config are what the question has', async () => {
    const path = await question(
      'stvit/eq2',
      '--sizes',
      '{"Ns":5,"Ni":7,"C":12,"rC":24}',
      '--batch',
      '[2,3]',
      '--config',
      '{"heads":4,"eps":1e-5}',
    )
    expect(shapeIn(path, 'input.S1')).toEqual([2, 3, 5, 12])
    expect(shapeIn(path, 'input.X')).toEqual([2, 3, 7, 12])
    expect(shapeIn(path, 'param.G')).toEqual([5, 12])
    expect(shapeIn(path, 'param.ffn.fc1.weight')).toEqual([24, 12])
    expect(JSON.parse(readTensorFile(path).metadata.get('config') ?? '')).toEqual({ heads: 4, eps: 1e-5 })
  })

  test('--batch [] is no batch', async () => {
    expect(
      shapeIn(await question('sparsifiner/eq2', '--batch', '[]', '--sizes', '{"n":2,"m":3}'), 'input.A_down'),
    ).toEqual([2, 3])
  })

  const emit = (id: string, ...options: string[]): string[] => [
    'emit',
    id,
    '-o',
    join(folder, 'never'),
    ...options,
  ]
  test.each<[string[], string]>([
    [emit('stvit/eq0'), 'id: expected a known equation, found "stvit/eq0" (did you mean "stvit/eq1"?)'],
    [
      emit('stvit/eq1', '--seed', '-1'),
      "option '--seed <n>' argument '-1' is invalid. expected an integer ≥ 0.",
    ],
    [
      emit('stvit/eq1', '--seed', '1.5'),
      "option '--seed <n>' argument '1.5' is invalid. expected an integer ≥ 0.",
    ],
    [emit('stvit/eq1', '--seed', ''), "option '--seed <n>' argument '' is invalid. expected an integer ≥ 0."],
    [emit('stvit/eq1', '--config', '{"heads":0}'), 'config.heads: expected an integer ≥ 1, found 0'],
    [
      emit('stvit/eq1', '--config', '{"heads":5}', '--sizes', '{"C":4}'),
      'config.heads: expected a divisor of C = 4, found 5 (nearest: 4)',
    ],
    [
      emit('stvit/eq1', '--config', '{"head":2}'),
      'config: expected a known key, found "head" (did you mean "heads"?)',
    ],
    [emit('stvit/eq1', '--sizes', '16'), '--sizes: expected a JSON object of extents, found 16'],
    [emit('stvit/eq1', '--sizes', '{C:4}'), '--sizes: expected a JSON object of extents, found {C:4}'],
    [emit('stvit/eq1', '--sizes', '{"C":0}'), 'sizes.C: expected an integer ≥ 1, found 0'],
    [emit('stvit/eq1', '--sizes', '{"C":2.5}'), 'sizes.C: expected an integer ≥ 1, found 2.5'],
    [emit('stvit/eq1', '--sizes', '{"C":"4"}'), '--sizes C: expected an integer ≥ 1, found "4"'],
    [emit('stvit/eq1', '--sizes', '{"C":null}'), '--sizes C: expected an integer ≥ 1, found null'],
    [
      emit('stvit/eq1', '--sizes', '{"N":4}'),
      'sizes: expected a known extent, found "N" (did you mean "Ns"?)',
    ],
    [
      emit('stvit/eq4', '--sizes', '{"kd":2}'),
      'param.dw.weight: expected a kernel of odd size, padded by (k − 1)/2, found 2 × 2',
    ],
    [emit('stvit/eq1', '--batch', '2'), '--batch: expected a JSON array of integers ≥ 1, found 2'],
    [emit('stvit/eq1', '--batch', '[0]'), '--batch: expected a JSON array of integers ≥ 1, found [0]'],
    [emit('stvit/eq1', '--batch', '[2'), '--batch: expected a JSON array of integers ≥ 1, found [2'],
    [
      ['emit', 'stvit/eq1', '-o', '/nowhere/case.st'],
      '/nowhere/case.st: expected a place that can be written, found no such file or directory (ENOENT)',
    ],
  ])('%j is refused', async (args, message) => {
    await refused(args, message)
    expect(readdirSync(folder)).not.toContain('never')
  })
})

describe('run', () => {
  test.each(IDS)('answers %s with every output', async (id) => {
    const path = await question(id)
    const to = fresh('answer')
    const out = await succeeded('run', path, '-o', to)
    const { equations } = JSON.parse(await succeeded('list', id, '--json', '-')) as {
      equations: { exposes: Record<string, { output?: boolean; kind?: string }> }[]
    }
    const outputs = Object.entries(equations[0].exposes).filter(([, { output }]) => output === true)
    expect(outputsIn(to)).toEqual(outputs.map(([name]) => `output.${name}`).toSorted())
    for (const [name, { kind }] of outputs) {
      const dtype = kind === 'mask' ? 'U8' : 'F32'
      expect(tensorOf(readTensorFile(to).tensors, `output.${name}`).dtype).toBe(dtype)
      expect(out).toContain(`${name} [`)
    }
    expect(outputsIn(path), 'the question is left alone').toEqual([])
  })

  test.each([
    ['float32', 'F32'],
    ['float32-dense', 'F32'],
    ['float64', 'F64'],
  ])('%s writes %s, masks as U8', async (name, dtype) => {
    const { tensors } = readTensorFile(await answer('sparsifiner/eq3', '--arithmetic', name))
    expect(tensorOf(tensors, 'output.scores').dtype).toBe(dtype)
    expect(tensorOf(tensors, 'output.M').dtype).toBe('U8')
  })

  test('overwrites its own input', async () => {
    const path = await question('stvit/eq1')
    const elsewhere = fresh()
    await succeeded('run', path, '-o', elsewhere)
    await succeeded('run', path, '-o', path)
    expect(readFileSync(path)).toEqual(readFileSync(elsewhere))
  })

  test('--intermediates adds those; without it stale ones go', async () => {
    const path = await answer('sparsifiner/eq1', '--intermediates')
    expect(outputsIn(path)).toEqual(['output.A_down', 'output.K_down', 'output.logits'])
    await succeeded('run', path, '-o', path)
    expect(outputsIn(path)).toEqual(['output.A_down'])
  })

  test('outputs that were there are overwritten', async () => {
    const path = await answer('sparsifiner/eq2')
    const wrong = scaled(path, 'output.A_tilde', 7)
    await succeeded('run', wrong, '-o', wrong)
    expect(readFileSync(wrong)).toEqual(readFileSync(path))
  })

  test('keeps metadata and the question’s tensors byte for byte', async () => {
    const emitted = await question('sparsifiner/eq4', '--config', '{"normalize":"masked"}')
    const path = edit(emitted, ({ tensors, metadata }) => ({
      // another dtype of mask, the config spelled another way, and entries that nobody knows
      tensors: new Map([...tensors, ['input.M', { ...tensorOf(tensors, 'input.M'), dtype: 'BOOL' }]]),
      metadata: new Map([
        ...metadata,
        ['config', '{ "normalize" : "masked", "scale":null }'],
        ['note', 'ö\n'],
        ['x', ''],
      ]),
    }))
    const to = fresh()
    await succeeded('run', path, '-o', to)
    const [before, after] = [readTensorFile(path), readTensorFile(to)]
    expect(after.metadata).toEqual(before.metadata)
    for (const [name, raw] of before.tensors) expect(after.tensors.get(name)).toEqual(raw)
    expect(after.tensors.size).toBe(before.tensors.size + 1)
  })

  test('an arithmetic that is not there is refused with a suggestion, nothing written', async () => {
    const path = await question('stvit/eq4')
    const to = fresh()
    await refused(
      ['run', path, '-o', to, '--arithmetic', 'flaot32'],
      '--arithmetic: expected a known arithmetic, found "flaot32" (did you mean "float32"?)',
    )
    expect(readdirSync(folder)).not.toContain(basename(to))
  })

  test('a path that cannot be written leaves nothing behind', async () => {
    const path = await question('stvit/eq4')
    const directory = join(folder, 'a-directory')
    mkdirSync(directory)
    const before = readdirSync(folder)
    await refused(['run', path, '-o', directory], `${directory}: expected a regular file, found a directory`)
    await refused(
      ['run', path, '-o', join(path, 'below-a-file')],
      `${join(path, 'below-a-file')}: expected a place that can be written, found not a directory (ENOTDIR)`,
    )
    expect(readdirSync(folder)).toEqual(before)
    expect(readdirSync(directory)).toEqual([])
  })

  test('a question that cannot be asked is refused by file and tensor', async () => {
    const path = edit(await question('sparsifiner/eq2'), ({ tensors }) => {
      const { shape } = tensorOf(tensors, 'input.A_down')
      const data = new Float32Array(shape.reduce((product, extent) => product * extent, 1)).fill(NaN)
      return { tensors: new Map([['input.A_down', fromReal(data, shape)]]) }
    })
    const first = `[${shapeIn(path, 'input.A_down')
      .map(() => 0)
      .join(', ')}]`
    await refused(
      ['run', path, '-o', fresh()],
      `${path}: input.A_down: expected finite values, found NaN at ${first} (--allow-non-finite takes them)`,
    )
    await succeeded('run', path, '-o', fresh(), '--allow-non-finite')
  })

  test.each([['missing'], ['text']])('a file that is no case is refused: %s', async (kind) => {
    const path = fresh(kind)
    if (kind === 'text') writeFileSync(path, 'hello, world')
    const { code, out, err } = await touchstone('run', path, '-o', fresh())
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toMatch(/^touchstone: [^\n]*expected [^\n]*, found [^\n]*\n$/)
    expect(err).toContain(path)
  })
})

describe('check', () => {
  interface Results {
    readonly judge: string
    readonly results: readonly {
      readonly file: string
      readonly id?: string
      readonly verdict: string
      readonly message?: string
      readonly outputs?: readonly {
        readonly name: string
        readonly verdict: string
        readonly reason?: string
        readonly fromInputs?: {
          readonly worst?: { readonly deviations: number | null }
          readonly statistics: readonly { readonly name: string; readonly threshold: number }[]
        }
      }[]
    }[]
  }

  async function judged(...args: string[]): Promise<Ran & { json: Results }> {
    const ran = await touchstone('check', '--json', '-', ...args)
    return { ...ran, json: JSON.parse(ran.out) as Results }
  }

  let [sound, damaged, question_] = ['', '', '']
  beforeAll(async () => {
    sound = await answer('stvit/eq1', '--intermediates')
    damaged = scaled(sound, 'output.S', 1.001)
    question_ = await question('stvit/eq1')
  })

  test.each(IDS)('passes the reference’s own answer of %s', async (id) => {
    const path = await answer(id, '--intermediates')
    const out = await succeeded('check', path)
    expect(out.split('\n')[0]).toMatch(new RegExp(`^${path}: pass  ${id}`))
  })

  test('says by whom it was judged', async () => {
    expect(await succeeded('check', sound)).toMatch(
      /\njudged by: derived bounds and measured noise \(verdict 2, thresholds 3\), profile portable\n$/,
    )
  })

  test('fails a damaged one: exit 1, the tensor, the place, both values', async () => {
    const { code, out, err } = await touchstone('check', damaged)
    expect(code).toBe(1)
    expect(err).toBe('')
    expect(out).toMatch(/: fail {2}stvit\/eq1/)
    expect(out).toMatch(/\n {2}S: fail, .* times as far off as any legal runtime can be\n/)
    expect(out).toMatch(
      /on its own upstream: at \[[\d, ]+\] expected \S+ \(0x[0-9a-f]{8}\), found \S+ \(0x[0-9a-f]{8}\), \d+ ULP, bound [\d.e-]+, [\d.e+]+ deviations/,
    )
    expect(out).toMatch(/\n {2}first wrong on its own upstream: S\n/)
  })

  test('a question without outputs is not judged: exit 2', async () => {
    const { code, out } = await touchstone('check', question_)
    expect(code).toBe(2)
    expect(out).toMatch(/: not-judged {2}stvit\/eq1\n {2}the file has no output\.\* to judge\n/)
    expect(out).toContain('not in the file: S_hat, S\n')
  })

  test('outputs that are absent are listed', async () => {
    const path = edit(sound, ({ tensors }) => ({
      tensors: new Map([...tensors].filter(([name]) => name !== 'output.S_hat')),
    }))
    expect(await succeeded('check', path)).toContain('  not in the file: S_hat\n')
  })

  test('several files: a bad one does not keep the others from being judged; 2 wins over 1', async () => {
    const missing = join(folder, 'not-there.st')
    const { code, out, err } = await touchstone('check', sound, missing, damaged, folder)
    expect(code).toBe(2)
    expect(err.split('\n')).toEqual([
      `touchstone: ${missing}: expected a file that can be read, found no such file or directory (ENOENT)`,
      `touchstone: ${folder}: expected a regular file, found a directory`,
      '',
    ])
    expect(out).toContain(`${sound}: pass`)
    expect(out).toContain(`${damaged}: fail`)
  })

  test('several files: 1 wins over 0, 2 over "not judged"', async () => {
    expect((await touchstone('check', sound, damaged)).code).toBe(1)
    expect((await touchstone('check', sound, sound)).code).toBe(0)
    expect((await touchstone('check', sound, question_)).code).toBe(2)
  })

  test('--json - gives the contract’s shape and nothing else', async () => {
    const missing = join(folder, 'not-there.st')
    const { code, json, err } = await judged(sound, damaged, question_, missing)
    expect(code).toBe(2)
    expect(json.results.map(({ file, verdict }) => [file, verdict])).toEqual([
      [sound, 'pass'],
      [damaged, 'fail'],
      [question_, 'not-judged'],
      [missing, 'error'],
    ])
    expect(json).toMatchObject({ profile: 'portable', versions: { verdict: '2', thresholds: '3' } })
    const [first, second, third, last] = json.results
    expect(first.id).toBe('stvit/eq1')
    expect(first.outputs?.map(({ name }) => `output.${name}`).toSorted()).toEqual(outputsIn(sound))
    expect(first.outputs?.every(({ verdict }) => verdict === 'pass')).toBe(true)
    expect(second.outputs?.filter(({ verdict }) => verdict !== 'pass').map(({ name }) => name)).toEqual(['S'])
    expect(third.outputs).toEqual([])
    expect(`touchstone: ${last.message}\n`).toBe(err)
  })

  test('--json FILE comes on top of the text', async () => {
    const path = join(folder, 'verdicts.json')
    const { code, out } = await touchstone('check', damaged, '--json', path)
    expect(code).toBe(1)
    expect(out).toContain(': fail')
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
      results: [{ file: damaged, verdict: 'fail' }],
    })
  })

  test('relative to a profile, shipped or a file', async () => {
    const path = await answer('sparsifiner/eq6', '--arithmetic', 'float32')
    const off = scaled(path, 'output.X_next', 1 + 2 ** -14)
    expect((await touchstone('check', off)).code).toBe(1)
    const accepted = await succeeded('check', off, '--profile', 'tf32-inputs')
    expect(accepted).toMatch(/ profile tf32-inputs\n$/)
    const own = join(folder, 'own.json')
    const json = JSON.parse(await succeeded('profile', 'tf32-inputs'))
    writeFileSync(own, JSON.stringify({ ...json, name: 'our device' }))
    expect(await succeeded('check', off, '--profile', own)).toMatch(/ profile our device\n$/)
  })

  test('a profile that cannot be asked', async () => {
    await refused(
      ['check', sound, '--profile', 'strct'],
      '--profile: expected a shipped profile or a file, found "strct" (did you mean "strict"?)',
    )
    const hint =
      '("touchstone profile --schema" prints the schema, "touchstone profile portable" a file to start from)'
    const own = join(folder, 'wrong.json')
    const json = JSON.parse(await succeeded('profile', 'portable'))
    const asking = async (content: string, message: string): Promise<void> => {
      writeFileSync(own, content)
      await refused(['check', sound, '--profile', own], `${own}: ${message}`)
    }
    await asking(
      JSON.stringify({ ...json, functions: { ...json.functions, divide: { ulp: '2' } } }),
      `functions.divide.ulp: expected number, found "2" ${hint}`,
    )
    await asking(JSON.stringify({ ...json, eps: 1 }), `eps: expected no such field, found 1 ${hint}`)
    await asking(
      JSON.stringify({ ...json, rounding: undefined }),
      `rounding: expected one of "nearest"|"either-neighbour", found nothing ${hint}`,
    )
    await asking('[]', `expected object, found [] ${hint}`)
    await refused(
      ['check', sound, '--profile', './no.json'],
      './no.json: expected a profile that can be read, found ENOENT',
    )
  })

  test('a suspect answer exits with 1, with --accept-suspect with 0', async () => {
    // judged from the inputs alone, a whole layer's bound is far beyond its noise
    const all = await answer('stvit/eq1', '--arithmetic', 'float64')
    const path = edit(all, ({ tensors }) => ({
      tensors: new Map([...tensors].filter(([name]) => name !== 'output.S_hat')),
    }))
    const shift = 2 ** -10
    const { json } = await judged(scaled(path, 'output.S', 1 + shift))
    const judgedFrom = json.results[0].outputs?.[0].fromInputs
    const deviations = judgedFrom?.worst?.deviations ?? NaN
    const limit = judgedFrom?.statistics.find(({ name }) => name === 'largest')?.threshold ?? NaN
    const at = async (z: number, ...options: string[]): Promise<Ran & { json: Results }> =>
      judged(scaled(path, 'output.S', 1 + (shift * z) / deviations), ...options)
    // either side of where suspicion starts, and of 30, where it is gross
    for (const [z, verdict, code, gross] of [
      [limit - 1, 'pass', 0, false],
      [limit + 1, 'suspect', 1, false],
      [29, 'suspect', 1, false],
      [31, 'suspect', 1, true],
    ] as const) {
      const ran = await at(z)
      expect([ran.json.results[0].verdict, ran.code], `${z} deviations`).toEqual([verdict, code])
      expect(ran.json.results[0].outputs?.[0].reason?.includes('gross') ?? false).toBe(gross)
      expect((await at(z, '--accept-suspect')).code).toBe(0)
    }
  })

  test('an output of a dtype that outputs do not have cannot be asked', async () => {
    const path = edit(sound, ({ tensors }) => {
      const { shape, bytes } = tensorOf(tensors, 'output.S')
      return { tensors: new Map([...tensors, ['output.S', { dtype: 'I32', shape, bytes }]]) }
    })
    const { code, err } = await touchstone('check', path)
    expect(code).toBe(2)
    expect(err).toBe(`touchstone: ${path}: output.S: expected dtype F32 or F64, found I32\n`)
  })

  test('names from files reach the terminal without their control characters', async () => {
    const path = edit(sound, ({ tensors }) => ({
      tensors: new Map([...tensors, ['output.\u001b[31m\nS', fromReal(new Float32Array(1), [])]]),
    }))
    const { code, err } = await touchstone('check', path)
    expect(code).toBe(2)
    expect(err).toBe(
      `touchstone: ${path}: output.\\u001b[31m\\nS: expected a tensor of stvit/eq1, found an unknown name ("touchstone list stvit/eq1" shows them)\n`,
    )
  })
})

describe('simulate', () => {
  test('says what a design loses, the verdict it would get, and the drift', async () => {
    const { code, out, err } = await touchstone('simulate', 'stvit/eq1', '--matmul', 'tf32', '--cases', '2')
    expect(err).toBe('')
    expect(code).toBe(1)
    const cell = String.raw`\d[\d.e+]*`
    expect(out).toMatch(new RegExp(`^S_hat( +${cell}){5} +– +fail`, 'm'))
    expect(out).toMatch(/^drift: S changes by 0\.000\d+ of its RMS, .* × that of the reference$/m)
    expect(out).toMatch(/^depth: S fed back as P: after 12 layers it is /m)
    expect(out).toMatch(/^fail {2}matmul=tf32 on stvit\/eq1, 2 cases$/m)
  })

  test('a legal design passes', async () => {
    const out = await succeeded('simulate', 'stvit/eq4', '--accumulate', 'pairwise', '--cases', '3')
    expect(out).toContain('pass  accumulate=pairwise on stvit/eq4, 3 cases')
    expect(out).toContain('depth: M is no input again')
  })

  test('asks the judge of a profile', async () => {
    const out = await succeeded(
      ...'simulate stvit/eq1 --matmul tf32 --cases 2 --depth 1 --profile tf32-inputs'.split(' '),
    )
    expect(out).toContain('profile tf32-inputs')
    expect(out).toContain('after 1 layer it is')
  })

  test('says where values stop being finite', async () => {
    const { code, out } = await touchstone(
      ...'simulate stvit/eq1 --softmax no-max --probe one-hot-softmax --cases 2'.split(' '),
    )
    expect(code).toBe(1)
    expect(out).toContain('depth: S fed back as P: not finite')
  })

  test('counts the flips of a mask', async () => {
    const { out } = await touchstone('simulate', 'sparsifiner/eq3', '--matmul', 'e4m3', '--cases', '20')
    expect(out).toMatch(/^M .* [1-9]\d* of \d+, \d+ legal/m)
    expect(out).toMatch(/^drift: 0\.\d+ of the entries of M flip$/m)
  })

  test('takes a case, and writes its own as it asks them', async () => {
    const path = await question('stvit/eq6', '--seed', '4')
    const out = await succeeded('simulate', path, '--json', '-', '--intermediates')
    const parsed: unknown = JSON.parse(out)
    expect(parsed).toMatchObject({
      id: 'stvit/eq6',
      cases: 1,
      verdict: 'pass',
      design: { matmul: 'float32' },
    })
    expect(parsed).toMatchObject({ drift: { output: 'X_out', repeated: { input: 'X', layers: 12 } } })
    expect(out).toContain('"fc1"')
  })

  test('draws as a probe does', async () => {
    const out = await succeeded(
      'simulate',
      'stvit/eq3',
      '--probe',
      'integers',
      '--accumulate',
      'fma',
      '--json',
      '-',
    )
    expect(JSON.parse(out)).toMatchObject({ outputs: [{ maxUlp: 0 }, { maxUlp: 0 }, { name: 'A' }] })
  })

  test.each([
    [
      ['simulate', 'stvit/eq11'],
      'id: expected a known equation, found "stvit/eq11" (did you mean "stvit/eq1"?)',
    ],
    [
      ['simulate', 'stvit/eq1', '--matmul', 'fp8'],
      '--matmul: expected float32 | tf32 | bf16 | fp16 | e4m3 | e5m2, found "fp8"',
    ],
    [
      ['simulate', 'stvit/eq1', '--erf', 'tanh'],
      '--erf: expected library | abramowitz-stegun, found "tanh" (tanh-GELU is another function, further off than rounding: no legal way to compute erf)',
    ],
  ])('refuses %j', async (args, message) => refused(args, message))

  test('run answers in a design, and verify takes it for an arithmetic', async () => {
    const path = await question('stvit/eq1')
    const line = await succeeded('run', path, '-o', path, '--arithmetic', 'simulated:accumulate=lanes:4+fma')
    expect(line).toContain('stvit/eq1 in simulated:accumulate=lanes:4+fma: S_hat')
    await succeeded('check', path)
    await succeeded('verify', '--arithmetic', 'simulated', '--equation', 'sparsifiner/eq*', '--cases', '3')
    await refused(
      ['run', path, '-o', path, '--arithmetic', 'simulated:accumulate=lanes'],
      '--accumulate: expected sequential | reversed | pairwise | blocked:K | split-k:K | lanes:K, each also with +fma | fma, found "lanes"',
    )
  })
})

describe('probes', () => {
  test('list --probes names them, and what each is for', async () => {
    const out = await succeeded('list', '--probes')
    for (const { name } of probes) expect(out).toContain(name)
    const own = await succeeded('list', 'sparsifiner/eq2', '--probes', '--json', '-')
    expect(JSON.parse(own)).toMatchObject({
      probes: [{ name: 'at-threshold' }, { name: 'nothing-kept' }, { name: 'integers' }],
    })
  })

  test('emit --probe writes its question, and says what is exact', async () => {
    const path = fresh()
    const out = await succeeded('emit', 'stvit/eq3', '--probe', 'integers', '-o', path, '--seed', '2')
    expect(out).toContain('exact in any order of summing: q_s, q_g, k, A_s, A_g')
    const { metadata, tensors } = readTensorFile(path)
    expect(metadata.get('probe')).toBe('integers')
    expect(metadata.get('note')).toContain('A_g')
    expect(real(tensorOf(tensors, 'input.X')).every((x) => Number.isInteger(x) && Math.abs(x) <= 3)).toBe(
      true,
    )
    await succeeded('run', path, '-o', path)
    await succeeded('check', path)
  })

  test('what is asked for wins over the probe', async () => {
    const path = await question(
      ...([
        'sparsifiner/eq2',
        '--probe',
        'at-threshold',
        '--config',
        '{"tau": 0.25}',
        '--sizes',
        '{"n": 3}',
      ] as const),
    )
    expect(readTensorFile(path).metadata.get('config')).toBe('{"tau":0.25}')
    expect(shapeIn(path, 'input.A_down').at(-2)).toBe(3)
  })

  test.each([
    [
      ['emit', 'stvit/eq1', '--probe', 'tie', '-o', 'x'],
      '--probe: expected a known probe, found "tie" (did you mean "ties"?)',
    ],
    [
      ['emit', 'sparsifiner/eq12', '--probe', 'ties', '-o', 'x'],
      '--probe: expected a probe that says something of sparsifiner/eq12, found "ties" (known: integers)',
    ],
  ])('refuses %j', async (args, message) => refused(args, message))
})
