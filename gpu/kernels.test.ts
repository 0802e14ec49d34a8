import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readKernelFile } from './kernel-source.ts'

const names = readdirSync(new URL('kernels', import.meta.url)).map((file) => file.replace(/\.wgsl$/, ''))

test.each(names)('the header of %s says what it is, and names all that it binds', (name) => {
  const text = readKernelFile(name)
  const [header] = /^(?:\/\/.*\n)*/.exec(text) ?? ['']
  expect(header).not.toBe('')
  const bound = [...text.matchAll(/var<storage, \w+> (\w+):/g)].map(([, variable]) => variable)
  const unnamed = bound.filter((variable) => !new RegExp(String.raw`\b${variable}(?![a-zA-Z])`).test(header))
  expect(unnamed).toEqual([])
})

test.each([
  ['exponential', 'exponentials'],
  ['normal-tail', 'normal-tails'],
])('%s and %s have the same constants, one after the other', (one, four) => {
  const [constants, ofFour] = [one, four].map((name) => {
    const [, body] = /^fn (?:exponential|normalTail)s?\([^{]*\{([^}]*)\}/m.exec(readKernelFile(name)) ?? []
    return body?.match(/\d+\.\d+/g)
  })
  expect(constants?.length).toBeGreaterThan(5)
  expect(ofFour).toEqual(constants)
})
