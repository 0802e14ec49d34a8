import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fromReal } from '../../cases/raw-tensor.ts'
import { readTensorFile } from '../../cases/tensor-files.ts'
import {
  answer,
  edit,
  folder,
  fresh,
  IDS,
  outputsIn,
  question,
  refused,
  scaled,
  shapeIn,
  succeeded,
  tensorOf,
  touchstone,
} from '../testing.ts'

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

  test.each(['-', ''])('%j is no file to write tensors to', async (path) => {
    await refused(
      ['run', 'x.st', '-o', path],
      `option '-o, --output <file>' argument '${path}' is invalid. expected a file.`,
    )
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
