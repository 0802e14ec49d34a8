import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { fromReal, real } from '../../cases/raw-tensor.ts'
import { verdictVersions } from '../../verdict/judge/index.ts'
import {
  answer,
  edit,
  folder,
  IDS,
  outputsIn,
  question,
  refused,
  scaled,
  succeeded,
  tensorOf,
  touchstone,
  type Ran,
} from '../testing.ts'

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
      /\njudged by: derived bounds and measured noise \(verdict \d+, thresholds \d+\), profile portable\n$/,
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
    expect(json).toMatchObject({ profile: 'portable', versions: verdictVersions })
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

  test('--json over a case is refused, before it is lost', async () => {
    const bytes = readFileSync(sound)
    await refused(
      ['check', '--json', sound, damaged],
      `option '--json <file>' argument '${sound}' is invalid. expected a file for JSON, not a case.`,
    )
    const other = join(folder, 'case.st')
    writeFileSync(other, bytes)
    const same = join(folder, '.', 'case.st')
    await refused(
      ['check', other, '--json', same],
      `--json: expected another file than those judged, found "${same}"`,
    )
    expect([readFileSync(sound), readFileSync(other)]).toEqual([bytes, bytes])
  })

  test('a file without a name is named all the same', async () => {
    const { code, err } = await touchstone('check', '')
    expect(code).toBe(2)
    expect(err).toBe(
      'touchstone: "": expected a file that can be read, found no such file or directory (ENOENT)\n',
    )
  })

  test('what no bound measures is not told as a share of it', async () => {
    const path = edit(sound, ({ tensors }) => {
      const { shape } = tensorOf(tensors, 'output.S')
      const data = Float32Array.from(real(tensorOf(tensors, 'output.S')))
      data[0] = NaN
      return { tensors: new Map([...tensors, ['output.S', fromReal(data, shape)]]) }
    })
    const { out } = await touchstone('check', path)
    expect(out).toMatch(
      / fail {2}stvit\/eq1 {2}\d+ tensors, 1 wrong otherwise than by rounding, the others at most 0\.\d+ of the bound/,
    )
    const alone = edit(path, ({ tensors }) => ({
      tensors: new Map([...tensors].filter(([name]) => !name.startsWith('output.') || name === 'output.S')),
    }))
    expect((await touchstone('check', alone)).out).toMatch(
      / {2}1 tensor, 1 wrong otherwise than by rounding\n/,
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
    // either side of where suspicion starts, and of 30, where it is gross; by the order of terms, a suspect's noise is somewhat larger
    for (const [z, verdict, code, gross] of [
      [limit - 1, 'pass', 0, false],
      [limit + 1, 'suspect', 1, false],
      [29, 'suspect', 1, false],
      [36, 'suspect', 1, true],
    ] as const) {
      const ran = await at(z)
      expect([ran.json.results[0].verdict, ran.code], `${z} deviations`).toEqual([verdict, code])
      expect(ran.json.results[0].outputs?.[0].reason?.includes('gross') ?? false).toBe(gross)
      expect((await at(z, '--accept-suspect')).code).toBe(0)
    }
  })

  test.each([
    ['I32', ''],
    ['BF16', ' (store it as F32; "touchstone profile" lists what is judged as computed in bf16 or fp16)'],
  ] as const)('an output of a dtype that outputs do not have cannot be asked: %s', async (dtype, hint) => {
    const path = edit(sound, ({ tensors }) => {
      const { shape, bytes } = tensorOf(tensors, 'output.S')
      const stored = dtype === 'I32' ? bytes : bytes.filter((_, i) => i % 4 > 1)
      return { tensors: new Map([...tensors, ['output.S', { dtype, shape, bytes: stored }]]) }
    })
    const { code, err } = await touchstone('check', path)
    expect(code).toBe(2)
    expect(err).toBe(`touchstone: ${path}: output.S: expected dtype F32 or F64, found ${dtype}${hint}\n`)
  })

  test.each([
    [NaN, '0x7fc00000'],
    [-Infinity, '0xff800000'],
  ])('JSON has no %d, but its bits', async (found, foundHex) => {
    const path = edit(sound, ({ tensors }) => {
      const raw = tensorOf(tensors, 'output.S')
      const data = real(raw).with(1, found)
      return { tensors: new Map([...tensors, ['output.S', fromReal(data, raw.shape)]]) }
    })
    const [{ outputs }] = JSON.parse((await touchstone('check', path, '--json', '-')).out).results
    const S = outputs.find(({ name }: { name: string }) => name === 'S')
    expect(S).toMatchObject({ verdict: 'fail', fromInputs: { worst: { found: null, foundHex } } })
  })

  test('errors of a tensor that cannot be read as numbers of its shape are held against no bug', async () => {
    const path = edit(sound, ({ tensors }) => {
      const { dtype, shape, bytes } = tensorOf(tensors, 'output.S')
      const flat = { dtype, shape: [shape.reduce((n, extent) => n * extent, 1)], bytes }
      return { tensors: new Map([...tensors, ['output.S', flat]]) }
    })
    const { code, out } = await touchstone('check', path)
    expect(code).toBe(1)
    expect(out).toContain('S: fail, shape [')
    expect(out).not.toContain('named bugs')
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
