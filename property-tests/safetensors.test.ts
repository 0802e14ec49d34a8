import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DTYPES, byteSize, fromReal, real, type RawTensor, type TensorFile } from '../src/cases/raw-tensor.ts'
import { decode, encode } from '../src/cases/safetensors.ts'
import { QuestionError } from '../src/errors.ts'
import { parameters } from './seed.ts'

/** Well-formed text: of any code points, and of those that trip up objects, JSON and sorting. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '0', '10', '__proto__', 'constructor', '"\\', '\n', '\uffee', '😀', 'input.P'),
)
const name = text.filter((t) => t !== '__metadata__')

const rawTensor: fc.Arbitrary<RawTensor> = fc
  .record({ dtype: fc.constantFrom(...DTYPES), shape: fc.array(fc.nat(4), { maxLength: 4 }) })
  .chain(({ dtype, shape }) => {
    const length = byteSize('', dtype, shape)
    return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => ({ dtype, shape, bytes }))
  })

const tensorFile: fc.Arbitrary<TensorFile> = fc.record({
  metadata: fc
    .uniqueArray(fc.tuple(text, text), { selector: ([key]) => key, maxLength: 4 })
    .map((all) => new Map(all)),
  tensors: fc
    .uniqueArray(fc.tuple(name, rawTensor), { selector: ([key]) => key, maxLength: 6 })
    .map((all) => new Map(all)),
})

/** Far more than any input here needs: a guard against a hang, not a measurement. */
const PATIENCE_MS = 5000

/** Whether it decodes; anything it throws must be a QuestionError of one moderate line. */
function decodes(bytes: Uint8Array): boolean {
  const start = performance.now()
  try {
    const file = decode(bytes)
    // What is read can be written, and means the same.
    const again = decode(encode(file))
    expect(new Map(again.tensors)).toEqual(new Map(file.tensors))
    expect(new Map(again.metadata)).toEqual(new Map(file.metadata))
    return true
  } catch (error) {
    if (!(error instanceof QuestionError)) throw error
    expect(error.message.length).toBeLessThan(2500)
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(error.message).not.toMatch(/[\u0000-\u001f]/)
    return false
  } finally {
    expect(performance.now() - start).toBeLessThan(PATIENCE_MS)
  }
}

test('what is written is read: any names, dtypes, shapes, bits', () => {
  fc.assert(
    fc.property(tensorFile, (file) => {
      const back = decode(encode(file))
      expect(back.tensors).toEqual(file.tensors)
      expect(back.metadata).toEqual(file.metadata)
    }),
    parameters(500),
  )
})

test('every tensor lies aligned to its elements, the header to eight bytes', () => {
  fc.assert(
    fc.property(tensorFile, (file) => {
      for (const [key, { dtype, bytes }] of decode(encode(file)).tensors) {
        expect(bytes.byteOffset % byteSize(key, dtype, [])).toBe(0)
      }
    }),
    parameters(),
  )
})

test('the bytes depend on the contents, not on the order of the maps', () => {
  fc.assert(
    fc.property(tensorFile, (file) => {
      const turned = {
        metadata: new Map([...file.metadata].toReversed()),
        tensors: new Map([...file.tensors].toReversed()),
      }
      expect(encode(turned)).toEqual(encode(file))
      expect(encode(decode(encode(file)))).toEqual(encode(file))
    }),
    parameters(),
  )
})

test('real numbers keep their bits, NaN payloads too', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.float32Array(),
        fc.float64Array(),
        fc.uint8Array({ minLength: 8, maxLength: 8 }).map(anyBits),
      ),
      (numbers) => {
        const shape = [numbers.length]
        const bits = (x: ArrayBufferView) => [...new Uint8Array(x.buffer, x.byteOffset, x.byteLength)]
        const raw = fromReal(numbers, shape)
        const back =
          decode(encode({ metadata: new Map(), tensors: new Map([['x', raw]]) })).tensors.get('x') ?? raw
        expect(bits(real(back))).toEqual(bits(numbers))
      },
    ),
    parameters(),
  )
})

function anyBits(bytes: Uint8Array): Float32Array {
  // Exponent all ones, fraction not zero: a NaN with a payload.
  for (const at of [0, 4])
    bytes.set([bytes[at] | 1, bytes[at + 1], bytes[at + 2] | 0x80, bytes[at + 3] | 0x7f], at)
  return new Float32Array(new Uint8Array(bytes).buffer)
}

type Edit = (bytes: Uint8Array) => Uint8Array

function splice(bytes: Uint8Array, from: number, cut: number, put: Uint8Array): Uint8Array {
  return new Uint8Array([...bytes.subarray(0, from), ...put, ...bytes.subarray(from + cut)])
}

/** Keeps the declared length of the header true, so that the damage reaches the JSON. */
function editHeader(bytes: Uint8Array, edit: (header: string) => string): Uint8Array {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  const header = new TextEncoder().encode(edit(new TextDecoder().decode(bytes.subarray(8, 8 + length))))
  const size = new Uint8Array(8)
  new DataView(size.buffer).setBigUint64(0, BigInt(header.length), true)
  return new Uint8Array([...size, ...header, ...bytes.subarray(8 + length)])
}

const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
const fragment = fc.oneof(
  fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    '\\',
    '"x":',
    '-',
    '0',
    '1e9',
    '.5',
    '99999999999999999999',
    'null',
    '"F64"',
    '[0,0]',
    '{}',
  ),
  text,
)
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(share, fc.nat(7)).map(([at, bit]): Edit => (bytes) => {
    const flipped = new Uint8Array(bytes)
    flipped[Math.floor(at * bytes.length)] ^= 1 << bit
    return flipped
  }),
  share.map(
    (at): Edit =>
      (bytes) =>
        bytes.slice(0, Math.floor(at * bytes.length)),
  ),
  fc.tuple(share, fc.nat(8), fc.uint8Array({ maxLength: 8 })).map(
    ([at, cut, put]): Edit =>
      (bytes) =>
        splice(bytes, Math.floor(at * bytes.length), cut, put),
  ),
  fc.tuple(share, fc.nat(6), fragment).map(
    ([at, cut, put]): Edit =>
      (bytes) =>
        editHeader(bytes, (header) => {
          const from = Math.floor(at * header.length)
          return header.slice(0, from) + put + header.slice(from + cut)
        }),
  ),
  // One of the header's own numbers becomes another: valid JSON that lies.
  fc
    .tuple(
      share,
      fc.oneof(fc.nat(100), fc.constantFrom(2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER, 2 ** 53, -1, 1.5)),
    )
    .map(
      ([at, number]): Edit =>
        (bytes) =>
          editHeader(bytes, (header) => {
            const numbers = [...header.matchAll(/(?<=[[,])\d+(?=[\],])/g)]
            if (numbers.length === 0) return header
            const { index, 0: old } = numbers[Math.floor(at * numbers.length)]
            return header.slice(0, index) + String(number) + header.slice(index + old.length)
          }),
    ),
)

test('a damaged file decodes to something sound or is refused in one line', () => {
  let decoded = 0
  let refused = 0
  fc.assert(
    fc.property(tensorFile, fc.array(edit, { minLength: 1, maxLength: 3 }), (file, edits) => {
      let bytes = encode(file)
      for (const change of edits) if (bytes.length >= 8 && headerFits(bytes)) bytes = change(bytes)
      if (decodes(bytes)) decoded++
      else refused++
    }),
    parameters(3000),
  )
  // Both outcomes, or the property says nothing.
  expect(Math.min(decoded, refused)).toBeGreaterThan(50)
})

function headerFits(bytes: Uint8Array): boolean {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true) <= bytes.length - 8
}

test('arbitrary bytes are refused or decode', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void decodes(bytes)),
    parameters(1000),
  )
})

test('arbitrary text and arbitrary JSON as a header are refused or decode', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        fc.json(),
        fc.array(fragment).map((all) => `{${all.join('')}`),
      ),
      (header) => {
        decodes(editHeader(new Uint8Array(8), () => header))
      },
    ),
    parameters(2000),
  )
})
