import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fromReal, real } from '../../cases/raw-tensor.ts'
import { bf16 } from '../../verdict/directions/formats.ts'
import {
  answer,
  edit,
  folder,
  question,
  refused,
  scaled,
  succeeded,
  tensorOf,
  touchstone,
} from '../testing.ts'

describe('check --profile', () => {
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
    const sound = await answer('stvit/eq1')
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
      './no.json: expected a profile that can be read, found no such file or directory (ENOENT)',
    )
    await refused(
      ['profile', 'strct'],
      'name: expected a shipped profile or a file, found "strct" (did you mean "strict"?)',
    )
  })

  test('says where a softmax by its logarithm explains what is wrong, and not where a bug does', async () => {
    const drawn = ['--seed', '3', '--batch', '[]', '--sizes', '{"n": 12, "d": 8, "m": 6}']
    const asked = await question('sparsifiner/eq1', '--config', '{"scale": 40}', ...drawn)
    await succeeded('run', asked, '-o', asked, '--intermediates')
    const f = Math.fround
    const byLogarithm = edit(asked, ({ tensors }) => {
      const logits = tensorOf(tensors, 'output.logits')
      const [z, m] = [Float64Array.from(real(logits)), 6]
      const weights = Float32Array.from(z, (value, i) => {
        const row = z.subarray(i - (i % m), i - (i % m) + m)
        const max = row.reduce((most, x) => Math.max(most, x), -Infinity)
        const sum = row.reduce((total, x) => f(total + f(Math.exp(f(x - max)))), 0)
        return Math.exp(f(value - f(max + f(Math.log(sum)))))
      })
      return { tensors: new Map([...tensors, ['output.A_down', fromReal(weights, logits.shape)]]) }
    })
    const hint = 'rewrites.logSumExpSoftmax'
    expect((await touchstone('check', byLogarithm)).out).toContain(hint)
    const wrong = await touchstone('check', scaled(byLogarithm, 'output.A_down', 1.01))
    expect(wrong.code).toBe(1)
    expect(wrong.out).not.toContain(hint)
  })

  test('says where a model in bf16 that writes its softmax out is judged as one that does not', async () => {
    const drawn = ['--seed', '3', '--batch', '[]', '--sizes', '{"n": 12, "d": 8, "m": 6}']
    const asked = await question('sparsifiner/eq1', '--config', '{"scale": 4}', ...drawn)
    const inBf16 = ['--arithmetic', 'simulated:storage=bf16,inputs=bf16']
    await succeeded('run', asked, '-o', asked, '--intermediates', ...inBf16)
    await succeeded('check', '--profile', 'bf16-model', asked)
    const r = bf16.round
    const inSteps = edit(asked, ({ tensors }) => {
      const logits = tensorOf(tensors, 'output.logits')
      const [z, m] = [Float64Array.from(real(logits)), 6]
      const weights = Float32Array.from(z, (_, i) => {
        const row = z.subarray(i - (i % m), i - (i % m) + m)
        const max = row.reduce((most, x) => Math.max(most, x), -Infinity)
        const powers = row.map((x) => r(Math.exp(r(x - max))))
        return r(powers[i % m] * r(1 / r(powers.reduce((total, x) => total + x, 0))))
      })
      return { tensors: new Map([...tensors, ['output.A_down', fromReal(weights, logits.shape)]]) }
    })
    const hint = 'written out, each step rounded to bf16: if that is meant, --profile bf16-stepwise'
    const { code, out } = await touchstone('check', '--profile', 'bf16-model', inSteps)
    expect(code).toBe(1)
    expect(out).toContain(hint)
    expect((await touchstone('check', '--profile', 'bf16-stepwise', inSteps)).code).toBe(0)
    const wrong = await touchstone('check', '--profile', 'bf16-model', scaled(inSteps, 'output.A_down', 1.1))
    expect(wrong.code).toBe(1)
    expect(wrong.out).not.toContain(hint)
  })

  test('--directions always says where it counts as on-suspicion: under profiles without thresholds for it', async () => {
    const path = await answer('sparsifiner/eq6')
    const said = async (profile: string): Promise<string> =>
      (await succeeded('check', path, '--directions', 'always', '--profile', profile)).trim().split('\n')[1]
    expect(await said('portable')).toMatch(/measured noise, named directions always \(.*, profile portable$/)
    for (const profile of ['wgsl', 'bf16-inputs', 'fp16-model']) {
      expect(await said(profile)).toMatch(
        /, named directions on suspicion only, since "always" needs float32 that rounds to nearest \(verdict/,
      )
    }
    const { out } = await touchstone(
      'check',
      path,
      '--directions',
      'always',
      '--profile',
      'wgsl',
      '--json',
      '-',
    )
    expect(JSON.parse(out)).toMatchObject({ judge: expect.stringContaining('on suspicion only') })
  })
})
