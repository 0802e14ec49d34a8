import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fromReal, fromU8, real, type RawTensor } from './raw-tensor.ts'
import { decode, encode } from './safetensors.ts'
import { craft, entry, complaintOf, fileWith } from './testing.ts'

describe('the layout', () => {
  test('of a tiny file, byte for byte', () => {
    const bytes = encode(fileWith({ x: fromReal(new Float32Array([1, -2]), [2]) }, { touchstone: '1' }))
    const header = '{"__metadata__":{"touchstone":"1"},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
    expect(header.length).toBe(88)
    expect(Buffer.from(bytes).toString('latin1')).toBe(`\x58\0\0\0\0\0\0\0${header}\0\0\x80\x3f\0\0\0\xc0`)
  })

  test('of an empty file: the header is padded with spaces to eight bytes', () => {
    expect(Buffer.from(encode(fileWith({}))).toString('latin1')).toBe('\x08\0\0\0\0\0\0\0{}      ')
  })

  test('puts wide elements first, then goes by name, so that every tensor is aligned', () => {
    const bytes = encode(
      fileWith({
        b: fromU8(new Uint8Array(3), [3]),
        a: fromU8(new Uint8Array(1), [1]),
        f: fromReal(new Float32Array(1), [1]),
        d: fromReal(new Float64Array(1), [1]),
        h: { dtype: 'F16', shape: [1], bytes: new Uint8Array(2) },
      }),
    )
    const { tensors } = decode(bytes)
    expect([...tensors.keys()]).toEqual(['d', 'f', 'h', 'a', 'b'])
    for (const { shape, bytes: data } of tensors.values())
      expect(data.byteOffset % (data.length / shape[0])).toBe(0)
  })

  test('sorts names by code point, not by UTF-16 unit', () => {
    const one = fromU8(new Uint8Array(1), [1])
    expect([...decode(encode(fileWith({ '\u{1f600}': one, '\uffee': one }))).tensors.keys()]).toEqual([
      '\uffee',
      '\u{1f600}',
    ])
  })

  test('does not depend on the order of the maps', () => {
    const [a, b] = [fromU8(new Uint8Array([1]), [1]), fromU8(new Uint8Array([2]), [1])]
    expect(encode(fileWith({ a, b }, { k: '1', l: '2' }))).toEqual(
      encode(fileWith({ b, a }, { l: '2', k: '1' })),
    )
  })
})

describe('a file is read', () => {
  test('in the order of its header, also where names look like numbers', () => {
    const header = `{"b":${entry({ data_offsets: [4, 8] })},"10":${entry()},"2":${entry({ data_offsets: [8, 12] })}}`
    expect([...decode(craft(header, 12)).tensors.keys()]).toEqual(['b', '10', '2'])
    expect([...decode(craft('{"__metadata__":{"z":"","1":"","0":""}}')).metadata.keys()]).toEqual([
      'z',
      '1',
      '0',
    ])
  })

  test('as views of it, without copies', () => {
    const bytes = craft(`{"x":${entry()}}`, 4)
    expect(decode(bytes).tensors.get('x')?.bytes.buffer).toBe(bytes.buffer)
  })

  test('from the middle of a buffer', () => {
    const bytes = craft(`{"x":${entry()}}`, 4)
    const around = new Uint8Array(bytes.length + 10).fill(255)
    around.set(bytes, 5)
    expect(decode(around.subarray(5, -5))).toEqual(decode(bytes))
  })

  test('with names that objects already have', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
    const entries = names.map((name, i) => `"${name}":${entry({ data_offsets: [4 * i, 4 * i + 4] })}`)
    const { tensors, metadata } = decode(craft(`{"__metadata__":{"__proto__":"p"},${entries.join(',')}}`, 16))
    expect([...tensors.keys()]).toEqual(names)
    expect(tensors.get('__proto__')?.bytes[0]).toBe(0)
    expect([...metadata]).toEqual([['__proto__', 'p']])
  })

  test('with whitespace wherever JSON has it, after the first brace', () => {
    const header = '{ "x" :\n{"dtype"\t: "F32" ,"shape":[ 1 ,1 ] ,\r"data_offsets":[0 , 4 ] } }  '
    expect(decode(craft(header, 4)).tensors.get('x')?.shape).toEqual([1, 1])
  })

  test('with escapes in its names', () => {
    const name = String.raw`a\"\\\u00e9\ud83d\ude00\n`
    expect([...decode(craft(`{"${name}":${entry()}}`, 4)).tensors.keys()]).toEqual(['a"\\é😀\n'])
  })

  test('with the members of a tensor in any order', () => {
    expect(
      decode(craft('{"x":{"data_offsets":[0,1],"shape":[],"dtype":"BOOL"}}', 1)).tensors.get('x'),
    ).toEqual({
      dtype: 'BOOL',
      shape: [],
      bytes: new Uint8Array([0]),
    })
  })

  test.each([
    ['a', 'none', 'b'],
    ['b', 'none', 'a'],
    ['none', 'b', 'a'],
  ])('with empty tensors between others, listed %s, %s, %s', (...names) => {
    const entries: Record<string, string> = {
      a: entry(),
      none: entry({ shape: [0], data_offsets: [4, 4] }),
      b: entry({ data_offsets: [4, 8] }),
    }
    const header = `{${names.map((name) => `"${name}":${entries[name]}`).join(',')}}`
    const { tensors } = decode(craft(header, 8))
    expect([...tensors.keys()]).toEqual(names)
    expect(tensors.get('none')?.bytes.length).toBe(0)
  })
})

describe('what the format cannot hold is not written', () => {
  test('bytes that do not fill the shape', () => {
    const x: RawTensor = { dtype: 'F32', shape: [2, 1], bytes: new Uint8Array(7) }
    expect(complaintOf(() => encode(fileWith({ x })))).toEqual({
      tensor: 'x',
      expected: '8 bytes of data for F32 [2, 1]',
      found: '7',
    })
  })

  test('a tensor with the name of the metadata', () => {
    expect(complaintOf(() => encode(fileWith({ __metadata__: fromU8(new Uint8Array(1), [1]) })))).toEqual({
      tensor: '__metadata__',
      expected: 'another name',
      found: 'the name of the metadata',
    })
  })

  test.each([
    ['a name', fileWith({ '\ud800': fromU8(new Uint8Array(1), [1]) })],
    ['a metadata name', fileWith({}, { '\udc00': '' })],
    ['a metadata value', fileWith({}, { note: 'a\ud800' })],
  ])('half a surrogate pair in %s', (_, broken) => {
    expect(complaintOf(() => encode(broken)).expected).toBe('well-formed Unicode')
  })

  test('a header over 100 MB', () => {
    const frame = '{"__metadata__":{"n":""}}'.length
    const most = encode(fileWith({}, { n: 'x'.repeat(100_000_000 - frame) }))
    expect(most.length).toBe(100_000_008)
    expect(complaintOf(() => encode(fileWith({}, { n: 'x'.repeat(100_000_001 - frame) })))).toEqual({
      expected: 'a header of at most 100000000 bytes',
      found: '100000008',
    })
  })

  test('a file over 2 GiB, found out before any memory is taken for it', () => {
    const big: RawTensor = { dtype: 'U8', shape: [2 ** 30], bytes: new Uint8Array(2 ** 30) }
    const { expected, found } = complaintOf(() => encode(fileWith({ a: big, b: big })))
    expect(expected).toBe('at most 2147483647 bytes (2 GiB) in a file')
    expect(Number(found)).toBeGreaterThan(2 ** 31)
  })
})

describe('another implementation, in Python', () => {
  const noPython = spawnSync('python3', ['--version']).status !== 0

  /** Runs `script` with the path of a file that holds `bytes`; gives back its output and the file afterwards. */
  function python(script: string, bytes: Uint8Array): { printed: string; bytes: Uint8Array } {
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-'))
    try {
      const path = join(folder, 'x.safetensors')
      writeFileSync(path, bytes)
      const { status, stdout, stderr } = spawnSync('python3', ['-c', script, path], { encoding: 'utf8' })
      expect(stderr).toBe('')
      expect(status).toBe(0)
      return { printed: stdout, bytes: readFileSync(path) }
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  test('writes what is read here', ({ skip }) => {
    skip(noPython, 'no python3')
    const script = `
import json, struct, sys
data = struct.pack('<3f', 1.5, -0.0, float('inf')) + bytes([1, 0])
header = json.dumps({'__metadata__': {'note': 'é'},
  'input.P': {'dtype': 'F32', 'shape': [1, 3], 'data_offsets': [0, 12]},
  'input.M': {'dtype': 'BOOL', 'shape': [2], 'data_offsets': [12, 14]}}).encode()
open(sys.argv[1], 'wb').write(struct.pack('<Q', len(header)) + header + data)
`
    const { metadata, tensors } = decode(python(script, new Uint8Array()).bytes)
    expect([...metadata]).toEqual([['note', 'é']])
    const [[, P], [, M]] = tensors
    expect([P.dtype, P.shape, real(P)]).toEqual(['F32', [1, 3], new Float32Array([1.5, -0, Infinity])])
    expect([M.dtype, M.shape, [...M.bytes]]).toEqual(['BOOL', [2], [1, 0]])
  })

  test('reads what is written here', ({ skip }) => {
    skip(noPython, 'no python3')
    const script = `
import json, struct, sys
raw = open(sys.argv[1], 'rb').read()
n, = struct.unpack('<Q', raw[:8])
header, data = json.loads(raw[8:8 + n]), raw[8 + n:]
letters = {'F32': 'f', 'F64': 'd', 'U8': 'B'}
print(json.dumps({'metadata': header.pop('__metadata__'), 'tensors': {name: [t['dtype'], t['shape'],
  [x for x, in struct.iter_unpack('<' + letters[t['dtype']], data[slice(*t['data_offsets'])])]]
  for name, t in header.items()}}))
`
    const written = fileWith(
      {
        'output.M': fromU8(new Uint8Array([1, 0, 1]), [3]),
        'output.S': fromReal(new Float64Array([0.1, -2]), [2, 1]),
        'input.é': fromReal(new Float32Array([0.5]), []),
      },
      { config: '{"heads":3}' },
    )
    expect(JSON.parse(python(script, encode(written)).printed)).toEqual({
      metadata: { config: '{"heads":3}' },
      tensors: {
        'output.S': ['F64', [2, 1], [0.1, -2]],
        'input.é': ['F32', [], [0.5]],
        'output.M': ['U8', [3], [1, 0, 1]],
      },
    })
  })
})
