import { describe, expect, test } from 'vitest'
import { question, refused, succeeded, touchstone } from '../testing.ts'

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
    [
      ['simulate', 'stvit/eq1', '--cases', '99999999999'],
      "option '--cases <n>' argument '99999999999' is invalid. expected an integer from 1 to 10000.",
    ],
    [
      ['gpu', '--gpu-timeout', '3000000'],
      "option '--gpu-timeout <seconds>' argument '3000000' is invalid. expected an integer from 1 to 2147483.",
    ],
    [
      ['run', 'x.st', '-o', 'y.st', '--arithmetic', 'simulated:colour=red'],
      'simulated: expected a known option, found "colour" ("touchstone simulate --help" shows them)',
    ],
    [
      ['golden', 'show', 'stvit/eq9'],
      'golden: expected a known golden, found "stvit/eq9" ("touchstone golden list" shows them)',
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
