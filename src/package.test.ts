import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
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

  writeFileSync(
    join(stranger, 'use.mjs'),
    `import { catalogue, interimJudge, readCase, readTensorFile } from 'vit-touchstone'
     const { question, outputs } = readCase(readTensorFile('case.safetensors'))
     console.log(catalogue.length, interimJudge.judge(question, outputs).verdict)`,
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
