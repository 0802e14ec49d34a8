import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { QuestionError } from '../errors.ts'
import { fromReal, fromU8, real, type RawTensor, type TensorFile } from './raw-tensor.ts'
import { decode, encode } from './safetensors.ts'

/** A file with this header, as it stands, and this many bytes of data 0, 1, 2, … */
function craft(header: string | Uint8Array, dataBytes = 0): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header
  const bytes = new Uint8Array(8 + text.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  for (let i = 0; i < dataBytes; i++) bytes[8 + text.length + i] = i
  return bytes
}

/** The header's text of one tensor; by default what four bytes of data need. */
function entry(change: Record<string, unknown> = {}): string {
  return JSON.stringify({ dtype: 'F32', shape: [1], data_offsets: [0, 4], ...change })
}

function complaint(work: () => unknown): QuestionError['complaint'] {
  try {
    work()
  } catch (error) {
    if (error instanceof QuestionError) return error.complaint
    throw error
  }
  throw new Error('nothing was thrown')
}

function file(tensors: Record<string, RawTensor>, metadata: Record<string, string> = {}): TensorFile {
  return { metadata: new Map(Object.entries(metadata)), tensors: new Map(Object.entries(tensors)) }
}

describe('the layout', () => {
  test('of a tiny file, byte for byte', () => {
    const bytes = encode(file({ x: fromReal(new Float32Array([1, -2]), [2]) }, { touchstone: '1' }))
    const header = '{"__metadata__":{"touchstone":"1"},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
    expect(header.length).toBe(88)
    expect(Buffer.from(bytes).toString('latin1')).toBe(`\x58\0\0\0\0\0\0\0${header}\0\0\x80\x3f\0\0\0\xc0`)
  })

  test('of an empty file: the header is padded with spaces to eight bytes', () => {
    expect(Buffer.from(encode(file({}))).toString('latin1')).toBe('\x08\0\0\0\0\0\0\0{}      ')
  })

  test('puts wide elements first, then goes by name, so that every tensor is aligned', () => {
    const bytes = encode(
      file({
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
    expect([...decode(encode(file({ '\u{1f600}': one, '\uffee': one }))).tensors.keys()]).toEqual([
      '\uffee',
      '\u{1f600}',
    ])
  })

  test('does not depend on the order of the maps', () => {
    const [a, b] = [fromU8(new Uint8Array([1]), [1]), fromU8(new Uint8Array([2]), [1])]
    expect(encode(file({ a, b }, { k: '1', l: '2' }))).toEqual(encode(file({ b, a }, { l: '2', k: '1' })))
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

describe('the length of the header', () => {
  test('takes eight bytes', () => {
    expect(complaint(() => decode(new Uint8Array(7)))).toEqual({
      expected: 'at least 8 bytes',
      found: '7',
      hint: 'is it a .safetensors file?',
    })
    expect(complaint(() => decode(new Uint8Array(8))).expected).toContain('JSON object')
  })

  test('ends within the file', () => {
    const bytes = craft('{}')
    expect(decode(bytes).tensors.size).toBe(0)
    bytes[0] = 3
    expect(complaint(() => decode(bytes))).toEqual({
      expected: 'a header of at most 2 bytes, the rest of the file',
      found: '3',
      hint: 'truncated, or not a .safetensors file',
    })
  })

  test('is at most 100 MB, and read at that', () => {
    const most = new Uint8Array(100_000_001).fill(0x20)
    most.set([0x7b, 0x7d])
    expect(decode(craft(most.subarray(0, -1))).tensors.size).toBe(0)
    expect(complaint(() => decode(craft(most)))).toMatchObject({
      expected: expect.stringMatching(/at most 100000000/),
      found: '100000001',
    })
  })

  test('may claim anything', () => {
    const bytes = craft('{}').fill(255, 0, 8)
    expect(complaint(() => decode(bytes))).toEqual({
      expected: 'a header of at most 100000000 bytes',
      found: '18446744073709551615',
      hint: 'is it a .safetensors file?',
    })
  })
})

describe('the header is refused', () => {
  const whole = 'an object of dtype, shape and data_offsets'
  const cases: [
    why: string,
    header: string | Uint8Array,
    expected: string | RegExp,
    found: string | RegExp,
  ][] = [
    ['empty', '', /JSON object/, /the end of the header at character 0/],
    ['not UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]), /UTF-8/, /not/],
    ['in UTF-8 too long', new Uint8Array([0x7b, 0xc0, 0xaf, 0x7d]), /UTF-8/, /not/],
    ['with a byte order mark', '\ufeff{}', /JSON object/, /at character 0/],
    ['not beginning with a brace', ' {}', /its first byte "{"/, /' {}' at character 0/],
    ['an array', '[]', /JSON object/, /'\[\]'/],
    ['a string', '"x"', /JSON object/, /'"x"'/],
    ['null', 'null', /JSON object/, /'null'/],
    ['not closed', '{', /a quoted name/, /the end of the header at character 1/],
    ['closed twice', '{}}', /nothing but spaces/, /'}' at character 2/],
    ['with a trailing comma', '{"__metadata__":{},}', /a quoted name/, /'}'/],
    ['without a colon', '{"x"}', /":"/, /'}'/],
    ['without a comma', '{"__metadata__":{} "x"', /"," or "}"/, /'"x"'/],
    ['with a name not quoted', '{x:1}', /a quoted name/, /'x:1}'/],
    ['with a string not closed', '{"x', /valid JSON string/, /'"x'/],
    ['with a string ending in an escape', String.raw`{"x\"`, /valid JSON string/, /x/],
    ['with an unknown escape', String.raw`{"\x":1}`, /valid JSON string/, /x/],
    ['with a line break in a string', '{"a\nb":1}', /valid JSON string/, /a/],
    ['with half a surrogate pair', String.raw`{"\ud800":1}`, /valid JSON string/, /ud800/],
  ]
  test.each(cases)('%s', (_, header, expected, found) => {
    expect(complaint(() => decode(craft(header)))).toEqual({
      expected: expect.stringMatching(expected),
      found: expect.stringMatching(found),
    })
  })

  const named: [
    why: string,
    tensor: string,
    header: string,
    expected: string | RegExp,
    found: string | RegExp,
  ][] = [
    ['metadata not an object', '__metadata__', '{"__metadata__":[]}', 'an object of strings', /'\[\]/],
    ['metadata null', '__metadata__', '{"__metadata__":null}', 'an object of strings', /'null/],
    ['metadata with a number', '__metadata__', '{"__metadata__":{"a":1}}', 'a string', /'1}/],
    ['metadata with an object', '__metadata__', '{"__metadata__":{"a":{}}}', 'a string', /'{}/],
    [
      'metadata names twice',
      '__metadata__',
      '{"__metadata__":{"a":"","a":""}}',
      /each name once/,
      '"a" twice',
    ],
    ['a tensor not an object', 'x', '{"x":3}', whole, /'3}/],
    ['a tensor null', 'x', '{"x":null}', whole, /'null/],
    ['a tensor nested without end', 'x', `{"x":${'['.repeat(1e6)}`, whole, /'\[{40}…'/],
    ['no dtype', 'x', '{"x":{"shape":[],"data_offsets":[0,4]}}', whole, 'no dtype'],
    ['no shape', 'x', '{"x":{"dtype":"F32","data_offsets":[0,4]}}', whole, 'no shape'],
    ['no data_offsets', 'x', '{"x":{"dtype":"F32","shape":[]}}', whole, 'no data_offsets'],
    ['something else', 'x', '{"x":{"strides":[1]}}', `${whole}, nothing else`, '"strides"'],
    ['dtype twice', 'x', '{"x":{"dtype":"F32","dtype":"F32"}}', /each name once/, '"dtype" twice'],
    ['dtype a number', 'x', '{"x":{"dtype":32}}', 'dtype to be a string', /'32}/],
    ['dtype unknown', 'x', `{"x":${entry({ dtype: 'F31' })}}`, /a dtype among BOOL, U8.*, U64/, '"F31"'],
    ['dtype in lower case', 'x', `{"x":${entry({ dtype: 'f32' })}}`, /a dtype among/, '"f32"'],
    ['dtype of the prototype', 'x', `{"x":${entry({ dtype: 'toString' })}}`, /a dtype among/, '"toString"'],
    ['shape a number', 'x', '{"x":{"shape":4}}', /shape to be a list of whole numbers/, /'4}/],
    ['shape of strings', 'x', '{"x":{"shape":["4"]}}', /shape to be a list of whole numbers/, /'"4"/],
    [
      'shape without a comma',
      'x',
      '{"x":{"shape":[1 2]}}',
      /whole numbers from 0 to 2\^53 - 1, then "\]"$/,
      /'2]/,
    ],
    ['shape negative', 'x', '{"x":{"shape":[-1]}}', /shape to be a list of whole numbers/, /'-1]/],
    ['shape minus zero', 'x', '{"x":{"shape":[-0]}}', /shape to be a list of whole numbers/, /'-0]/],
    ['shape with a fraction', 'x', '{"x":{"shape":[1.0]}}', /shape to be a list of whole numbers/, /'1.0]/],
    ['shape with an exponent', 'x', '{"x":{"shape":[1e3]}}', /shape to be a list of whole numbers/, /'1e3]/],
    ['shape with a leading zero', 'x', '{"x":{"shape":[01]}}', /shape to be a list of whole numbers/, /'01]/],
    ['shape unsafe', 'x', '{"x":{"shape":[9007199254740992]}}', /2\^53 - 1/, /'9007199254740992/],
    ['shape of many digits', 'x', `{"x":{"shape":[${'1'.repeat(400)}]}}`, /2\^53 - 1/, /'1{40}…'/],
    ['shape with a trailing comma', 'x', '{"x":{"shape":[1,]}}', /shape to be/, /']}/],
    ['shape of rank 65', 'x', `{"x":{"shape":[1${',1'.repeat(64)}]}}`, /at most 64/, /'1]/],
    [
      'shape overflowing',
      'x',
      `{"x":${entry({ shape: [2 ** 30, 2 ** 30] })}}`,
      /at most 2\^53 - 1 elements/,
      /1073741824/,
    ],
    ['offsets a number', 'x', '{"x":{"data_offsets":4}}', /data_offsets to be two whole numbers/, /'4}/],
    ['one offset', 'x', `{"x":${entry({ data_offsets: [0] })}}`, 'two data_offsets', '1'],
    ['three offsets', 'x', '{"x":{"data_offsets":[0,4,8]}}', /data_offsets to be two .*at most 2/, /'8]/],
    ['offset negative', 'x', '{"x":{"data_offsets":[-4,0]}}', /data_offsets to be two whole numbers/, /'-4/],
    ['offset unsafe', 'x', '{"x":{"data_offsets":[0,9007199254740992]}}', /2\^53 - 1/, /'9007199254740992/],
    [
      'offsets not in order',
      'x',
      `{"x":${entry({ data_offsets: [4, 0] })}}`,
      'data_offsets in order',
      /\[4, 0\]/,
    ],
    [
      'offsets beyond the file',
      'x',
      `{"x":${entry({ data_offsets: [0, 5] })}}`,
      /the file's 4 bytes/,
      /\[0, 5\]/,
    ],
    [
      'too few bytes of two axes, not from the start',
      'x',
      `{"x":${entry({ dtype: 'U8', shape: [2, 3], data_offsets: [1, 4] })}}`,
      '6 bytes of data for U8 [2, 3]',
      '3, data_offsets [1, 4]',
    ],
    ['too few bytes', 'x', `{"x":${entry({ data_offsets: [0, 3] })}}`, '4 bytes of data for F32 [1]', /^3,/],
    [
      'too many bytes',
      'x',
      `{"x":${entry({ dtype: 'U8', shape: [3] })}}`,
      '3 bytes of data for U8 [3]',
      /^4,/,
    ],
    ['a name twice', 'x', `{"x":${entry()},"x":${entry()}}`, /each name once/, '"x" twice'],
    [
      'a name twice, once escaped',
      'x',
      String.raw`{"x":${entry()},"\u0078":${entry()}}`,
      /each name once/,
      '"x" twice',
    ],
    [
      'two tensors on the same bytes',
      'b',
      `{"a":${entry()},"b":${entry()}}`,
      'data from byte 4 on',
      /\[0, 4\], overlapping "a"/,
    ],
    [
      'tensors overlapping in part',
      'b',
      `{"b":${entry({ dtype: 'U8', data_offsets: [2, 3] })},"a":${entry({ dtype: 'U8', shape: [3], data_offsets: [0, 3] })}}`,
      'data from byte 3 on',
      /overlapping "a"/,
    ],
    [
      'an empty tensor inside another',
      'z',
      `{"z":${entry({ shape: [0], data_offsets: [2, 2] })},"a":${entry()}}`,
      'data from byte 4 on',
      /overlapping "a"/,
    ],
    [
      'a hole in front',
      'x',
      `{"x":${entry({ dtype: 'U8', data_offsets: [3, 4] })}}`,
      'data from byte 0 on',
      /a hole of 3 bytes/,
    ],
  ]
  test.each(named)('%s: %s is named', (_, tensor, header, expected, found) => {
    expect(complaint(() => decode(craft(header, 4)))).toMatchObject({
      tensor,
      expected: typeof expected === 'string' ? expected : expect.stringMatching(expected),
      found: typeof found === 'string' ? found : expect.stringMatching(found),
    })
  })

  test('the metadata twice', () => {
    expect(complaint(() => decode(craft('{"__metadata__":{},"__metadata__":{}}'))).found).toBe(
      '"__metadata__" twice',
    )
  })

  test('bytes after the last tensor', () => {
    expect(complaint(() => decode(craft(`{"x":${entry()}}`, 5)))).toEqual({
      expected: 'the file to end with its tensors, after 4 bytes of data',
      found: '1 trailing bytes',
    })
  })

  test('bytes where there is no tensor', () => {
    expect(complaint(() => decode(craft('{}', 1))).found).toBe('1 trailing bytes')
  })

  test('a hole between two tensors', () => {
    const header = `{"a":${entry()},"b":${entry({ data_offsets: [5, 9] })}}`
    expect(complaint(() => decode(craft(header, 9)))).toMatchObject({
      tensor: 'b',
      found: expect.stringMatching(/a hole of 1 bytes/),
    })
  })

  test('a string of megabytes of escapes, quickly', () => {
    expect(complaint(() => decode(craft(`{"${'\\"'.repeat(2e6)}`))).expected).toBe('a valid JSON string')
  })

  test('the largest numbers that are exact are read', () => {
    const header = `{"x":${entry({ dtype: 'U8', shape: [0, Number.MAX_SAFE_INTEGER], data_offsets: [0, 0] })}}`
    expect(decode(craft(header)).tensors.get('x')?.shape).toEqual([0, Number.MAX_SAFE_INTEGER])
    const far = `{"x":${entry({ data_offsets: [0, Number.MAX_SAFE_INTEGER] })}}`
    expect(complaint(() => decode(craft(far, 4))).found).toBe('data_offsets [0, 9007199254740991]')
  })
})

describe('what the format cannot hold is not written', () => {
  test('bytes that do not fill the shape', () => {
    const x: RawTensor = { dtype: 'F32', shape: [2, 1], bytes: new Uint8Array(7) }
    expect(complaint(() => encode(file({ x })))).toEqual({
      tensor: 'x',
      expected: '8 bytes of data for F32 [2, 1]',
      found: '7',
    })
  })

  test('a tensor with the name of the metadata', () => {
    expect(complaint(() => encode(file({ __metadata__: fromU8(new Uint8Array(1), [1]) })))).toEqual({
      tensor: '__metadata__',
      expected: 'another name',
      found: 'the name of the metadata',
    })
  })

  test.each([
    ['a name', file({ '\ud800': fromU8(new Uint8Array(1), [1]) })],
    ['a metadata name', file({}, { '\udc00': '' })],
    ['a metadata value', file({}, { note: 'a\ud800' })],
  ])('half a surrogate pair in %s', (_, broken) => {
    expect(complaint(() => encode(broken)).expected).toBe('well-formed Unicode')
  })

  test('a header over 100 MB', () => {
    const frame = '{"__metadata__":{"n":""}}'.length
    const most = encode(file({}, { n: 'x'.repeat(100_000_000 - frame) }))
    expect(most.length).toBe(100_000_008)
    expect(complaint(() => encode(file({}, { n: 'x'.repeat(100_000_001 - frame) })))).toEqual({
      expected: 'a header of at most 100000000 bytes',
      found: '100000008',
    })
  })

  test('a file over 2 GiB, found out before any memory is taken for it', () => {
    const big: RawTensor = { dtype: 'U8', shape: [2 ** 30], bytes: new Uint8Array(2 ** 30) }
    const { expected, found } = complaint(() => encode(file({ a: big, b: big })))
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
    const written = file(
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
