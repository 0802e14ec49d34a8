import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { catalogue } from './catalogue/index.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const folder = mkdtempSync(join(tmpdir(), 'touchstone-package-'))
afterAll(() => rmSync(folder, { recursive: true }))

const npm = (args: readonly string[], cwd: string): string =>
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, encoding: 'utf8' })

test('the packed package installs into an empty folder, runs, and is typed', { timeout: 300_000 }, () => {
  // packed from a copy, since packing builds, and others may be using what was built
  const copy = join(folder, 'copy')
  mkdirSync(copy)
  for (const name of [
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'reference',
    'gpu',
    'src',
    'bench',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
  ]) {
    cpSync(join(root, name), join(copy, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'dir')
  npm(['pack', '--pack-destination', folder], copy)
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))

  // a node_modules further up would lend the stranger what the package forgot to ask for
  for (let above = folder; above !== dirname(above); above = dirname(above)) {
    expect(existsSync(join(above, 'node_modules')), `${above} has node_modules`).toBe(false)
  }
  const stranger = join(folder, 'stranger')
  mkdirSync(stranger)
  writeFileSync(join(stranger, 'package.json'), '{ "private": true, "type": "module" }')
  npm(['install', join(folder, tarball ?? ''), '--prefer-offline'], stranger)
  const touchstone = (...args: string[]): string =>
    execFileSync('npx', ['--no-install', 'touchstone', ...args], { cwd: stranger, encoding: 'utf8' })

  const list = touchstone('list')
  for (const { id } of catalogue) expect(list).toContain(id)
  touchstone('emit', 'sparsifiner/eq3', '-o', 'case.safetensors')
  touchstone('run', 'case.safetensors', '-o', 'case.safetensors')
  expect(touchstone('check', 'case.safetensors')).toContain('pass')
  touchstone('run', 'case.safetensors', '--arithmetic', 'exact', '-o', 'exact.safetensors')

  if (process.platform === 'linux' && process.arch === 'x64') {
    const onGpu = ['--arithmetic', 'gpu', '--adapter', 'swiftshader', '-o', 'gpu.safetensors']
    expect(touchstone('run', 'case.safetensors', ...onGpu)).toContain('sparsifiner/eq3 in gpu')
  }

  writeFileSync(
    join(stranger, 'use.ts'),
    `import { judge, readCase, readTensorFile, tensor, type Tensor, type Verdict } from 'vit-touchstone'
     const x: Tensor = tensor(new Float32Array(2), [2])
     const { question, outputs } = readCase(readTensorFile('case.safetensors'))
     export const verdict: Verdict = judge.judge(question, outputs).verdict
     // @ts-expect-error -- a shape is no string
     export const shape: string = x.shape
    `,
  )
  const strict = ['--noEmit', '--strict', '--target', 'es2023', '--types', '', 'use.ts']
  const tsc = join(root, 'node_modules', '.bin', 'tsc')
  for (const resolution of [
    ['--module', 'node16'],
    ['--module', 'esnext', '--moduleResolution', 'bundler'],
  ]) {
    execFileSync(tsc, [...resolution, ...strict], { cwd: stranger, stdio: 'inherit' })
  }

  writeFileSync(
    join(stranger, 'use.mjs'),
    `import { catalogue, judge, readCase, readTensorFile } from 'vit-touchstone'
     const { question, outputs } = readCase(readTensorFile('case.safetensors'))
     console.log(catalogue.length, judge.judge(question, outputs).verdict)`,
  )
  expect(execFileSync('node', ['use.mjs'], { cwd: stranger, encoding: 'utf8' })).toBe(
    `${catalogue.length} pass\n`,
  )

  const installed = readdirSync(join(stranger, 'node_modules', 'vit-touchstone'), {
    recursive: true,
    encoding: 'utf8',
  })
  expect(installed.filter((name) => name.includes('.test.') || name.includes('bench'))).toEqual([])
  expect(installed).toContain(join('dist', 'src', 'index.d.ts'))
})
