import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, vi } from 'vitest'
import type { Shape } from '../../reference/tensor.ts'
import { fromReal, real, type RawTensor, type TensorFile } from '../cases/raw-tensor.ts'
import { readTensorFile, writeTensorFile } from '../cases/tensor-files.ts'
import { run } from './program.ts'

/** For what the tests of one file write. */
export const folder: string = mkdtempSync(join(tmpdir(), 'touchstone-cli-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
export const fresh = (name = 'case'): string => join(folder, `${++files}-${name}.safetensors`)

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the command line in this process, its two streams caught. */
export async function touchstone(...args: string[]): Promise<Ran> {
  return caught(() => run(args))
}

export async function caught(work: () => Promise<number>): Promise<Ran> {
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
export async function refused(args: readonly string[], message: string): Promise<void> {
  const { code, out, err } = await touchstone(...args)
  expect(err).toBe(`touchstone: ${message}\n`)
  expect(out).toBe('')
  expect(code).toBe(2)
}

export async function succeeded(...args: string[]): Promise<string> {
  const { code, out, err } = await touchstone(...args)
  expect(err).toBe('')
  expect(code).toBe(0)
  return out
}

/** A new question in a file. */
export async function question(id: string, ...options: string[]): Promise<string> {
  const path = fresh()
  await succeeded('emit', id, '-o', path, ...options)
  return path
}

/** A new question answered. */
export async function answer(id: string, ...options: string[]): Promise<string> {
  const path = await question(id)
  await succeeded('run', path, '-o', path, ...options)
  return path
}

export function edit(path: string, change: (file: TensorFile) => Partial<TensorFile>): string {
  const file = readTensorFile(path)
  const edited = fresh('edited')
  writeTensorFile(edited, { ...file, ...change(file) })
  return edited
}

/** The file with the largest element of a tensor times `factor`. */
export function scaled(path: string, name: string, factor: number): string {
  return edit(path, ({ tensors }) => {
    const raw = tensorOf(tensors, name)
    const data = Float64Array.from(real(raw))
    const worst = data.reduce((most, value, i) => (Math.abs(value) > Math.abs(data[most]) ? i : most), 0)
    data[worst] *= factor
    const stored = raw.dtype === 'F64' ? data : Float32Array.from(data)
    return { tensors: new Map([...tensors, [name, fromReal(stored, raw.shape)]]) }
  })
}

export function tensorOf(tensors: ReadonlyMap<string, RawTensor>, name: string): RawTensor {
  const raw = tensors.get(name)
  if (raw === undefined) throw new Error(`no ${name}`)
  return raw
}

const namesIn = (path: string): string[] => [...readTensorFile(path).tensors.keys()].toSorted()
export const outputsIn = (path: string): string[] =>
  namesIn(path).filter((name) => name.startsWith('output.'))
export const shapeIn = (path: string, name: string): Shape =>
  tensorOf(readTensorFile(path).tensors, name).shape

export const IDS: readonly string[] = [
  ...[1, 2, 3, 4, 5, 6].map((n) => `stvit/eq${n}`),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((n) => `sparsifiner/eq${n}`),
  ...['attention', 'linformer', 'phase1', 'phase2'].map((name) => `sparsifiner/${name}`),
]
