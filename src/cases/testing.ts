import { expect, test } from 'vitest'
import { sizeOf, type Shape } from '../../reference/tensor.ts'
import type { Sizes } from '../catalogue/dimensions.ts'
import { QuestionError } from '../errors.ts'
import { shapeOf } from './match-shapes.ts'
import { findEquation, knownTensors } from './names.ts'
import { fromReal, fromU8, type Dtype, type RawTensor, type TensorFile } from './raw-tensor.ts'
import { readCase, type ReadOptions } from './read-case.ts'
import { decode, encode } from './safetensors.ts'

type Tensors = Readonly<Record<string, RawTensor | undefined>>
type Metadata = Readonly<Record<string, string | undefined>>

/** A small valid case of each equation that the tests below break; all required tensors, no optional one. */
export const BASES: Readonly<Record<string, { sizes: Sizes; lead?: Shape; config?: string }>> = {
  'stvit/eq1': { sizes: { Ns: 2, Ni: 3, C: 4, rC: 8 }, config: '{"heads":2}' },
  'stvit/eq2': { sizes: { Ns: 2, Ni: 3, C: 4, rC: 8 }, lead: [5], config: '{"heads":2}' },
  'stvit/eq3': { sizes: { Ns: 2, Ni: 3, C: 4 }, config: '{"heads":2}' },
  'stvit/eq4': { sizes: { kh: 3, kw: 2, C: 4, kd: 3, kc: 1 } },
  'stvit/eq5': {
    sizes: { H: 4, W: 4, C: 2, Kh: 2, Kw: 2, kd_intra: 3, kc_intra: 1, kd_inter: 3, kc_inter: 1 },
    config: '{"ws":2}',
  },
  'sparsifiner/eq1': { sizes: { n: 3, d: 2, m: 2 }, lead: [2, 2] },
  'sparsifiner/eq2': { sizes: { n: 2, m: 3 } },
  'sparsifiner/eq3': { sizes: { n: 3, m: 2 }, config: '{"budget":2}' },
  'sparsifiner/eq4': { sizes: { n: 2, d: 2 } },
  'sparsifiner/eq7': { sizes: { B: 2, k: 3 } },
  'sparsifiner/eq8': { sizes: {}, lead: [2, 3] },
  'sparsifiner/eq12': { sizes: {} },
}

export const half = (shape: Shape): RawTensor => fromReal(new Float32Array(sizeOf(shape)).fill(0.5), shape)
export const real = (shape: Shape, ...values: number[]): RawTensor =>
  fromReal(Float32Array.from(values), shape)
export const zeros = (dtype: Dtype, bytesEach: number, shape: Shape): RawTensor => ({
  dtype,
  shape,
  bytes: new Uint8Array(sizeOf(shape) * bytesEach),
})

/** A file made when a test asks for it, so that what goes wrong in making it is that test's. */
export type Made = () => TensorFile

/** The base case of `id` with tensors and metadata added, replaced or (undefined) taken out. */
export const caseOf =
  (id: string, tensors: Tensors = {}, metadata: Metadata = {}): Made =>
  () =>
    fileOf(id, tensors, metadata)

function fileOf(id: string, tensors: Tensors, metadata: Metadata): TensorFile {
  const { sizes, lead = [], config } = BASES[id]
  const all: Record<string, RawTensor | undefined> = {}
  for (const [name, spec] of knownTensors(findEquation(id))) {
    if (spec.optional === true) continue
    const shape = shapeOf(spec, { lead, sizes })
    all[name] = spec.kind === 'mask' ? fromU8(new Uint8Array(sizeOf(shape)).fill(1), shape) : half(shape)
  }
  return {
    metadata: defined({ touchstone: '1', equation: id, config, ...metadata }),
    tensors: defined({ ...all, ...tensors }),
  }
}

function defined<T>(entries: Readonly<Record<string, T | undefined>>): Map<string, T> {
  return new Map(
    Object.entries(entries).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

/** What is said of a file that cannot be asked, as the command line would print it; undefined where it can be. */
export function messageOf(file: Made, options?: ReadOptions): string | undefined {
  try {
    readCase(decode(encode(file())), options)
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(QuestionError)
    if (!(error instanceof QuestionError)) throw error
    const { message } = error.inFile('case.st')
    expect(message, 'one line').not.toMatch(/[\n\r]/)
    return message
  }
}

export type Row = readonly [what: string, file: Made, message: string]

/** Each row breaks one rule; all else about the file is sound. */
export function refuses(rows: readonly Row[]): void {
  test.each(rows)('%s', (_what, file, message) => {
    expect(messageOf(file)).toBe(message)
  })
}

export function accepts(rows: readonly (readonly [what: string, file: Made])[]): void {
  test.each(rows)('%s', (_what, file) => {
    expect(messageOf(file)).toBeUndefined()
  })
}

export const config = (id: string, text: string | undefined): Made => caseOf(id, {}, { config: text })

/** A file with this header, as it stands, and this many bytes of data 0, 1, 2, … */
export function craft(header: string | Uint8Array, dataBytes = 0): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header
  const bytes = new Uint8Array(8 + text.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  for (let i = 0; i < dataBytes; i++) bytes[8 + text.length + i] = i
  return bytes
}

/** The header's text of one tensor; by default what four bytes of data need. */
export function entry(change: Record<string, unknown> = {}): string {
  return JSON.stringify({ dtype: 'F32', shape: [1], data_offsets: [0, 4], ...change })
}

/** What is complained of. */
export function complaintOf(work: () => unknown): QuestionError['complaint'] {
  try {
    work()
  } catch (error) {
    if (error instanceof QuestionError) return error.complaint
    throw error
  }
  throw new Error('nothing was thrown')
}

export function fileWith(
  tensors: Record<string, RawTensor>,
  metadata: Record<string, string> = {},
): TensorFile {
  return { metadata: new Map(Object.entries(metadata)), tensors: new Map(Object.entries(tensors)) }
}
