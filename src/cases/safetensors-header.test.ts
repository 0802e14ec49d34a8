import { describe, expect, test } from 'vitest'
import { decode } from './safetensors.ts'
import { craft, entry, complaintOf } from './testing.ts'

describe('the length of the header', () => {
  test('takes eight bytes', () => {
    expect(complaintOf(() => decode(new Uint8Array(7)))).toEqual({
      expected: 'at least 8 bytes',
      found: '7',
      hint: 'is it a .safetensors file?',
    })
    expect(complaintOf(() => decode(new Uint8Array(8))).expected).toContain('JSON object')
  })

  test('ends within the file', () => {
    const bytes = craft('{}')
    expect(decode(bytes).tensors.size).toBe(0)
    bytes[0] = 3
    expect(complaintOf(() => decode(bytes))).toEqual({
      expected: 'a header of at most 2 bytes, the rest of the file',
      found: '3',
      hint: 'truncated, or not a .safetensors file',
    })
  })

  test('is at most 100 MB, and read at that', () => {
    const most = new Uint8Array(100_000_001).fill(0x20)
    most.set([0x7b, 0x7d])
    expect(decode(craft(most.subarray(0, -1))).tensors.size).toBe(0)
    expect(complaintOf(() => decode(craft(most)))).toMatchObject({
      expected: expect.stringMatching(/at most 100000000/),
      found: '100000001',
    })
  })

  test('may claim anything', () => {
    const bytes = craft('{}').fill(255, 0, 8)
    expect(complaintOf(() => decode(bytes))).toEqual({
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
    expect(complaintOf(() => decode(craft(header)))).toEqual({
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
    expect(complaintOf(() => decode(craft(header, 4)))).toMatchObject({
      tensor,
      expected: typeof expected === 'string' ? expected : expect.stringMatching(expected),
      found: typeof found === 'string' ? found : expect.stringMatching(found),
    })
  })

  test('the metadata twice', () => {
    expect(complaintOf(() => decode(craft('{"__metadata__":{},"__metadata__":{}}'))).found).toBe(
      '"__metadata__" twice',
    )
  })

  test('bytes after the last tensor', () => {
    expect(complaintOf(() => decode(craft(`{"x":${entry()}}`, 5)))).toEqual({
      expected: 'the file to end with its tensors, after 4 bytes of data',
      found: '1 trailing bytes',
    })
  })

  test('bytes where there is no tensor', () => {
    expect(complaintOf(() => decode(craft('{}', 1))).found).toBe('1 trailing bytes')
  })

  test('a hole between two tensors', () => {
    const header = `{"a":${entry()},"b":${entry({ data_offsets: [5, 9] })}}`
    expect(complaintOf(() => decode(craft(header, 9)))).toMatchObject({
      tensor: 'b',
      found: expect.stringMatching(/a hole of 1 bytes/),
    })
  })

  test('a string of megabytes of escapes, quickly', () => {
    expect(complaintOf(() => decode(craft(`{"${'\\"'.repeat(2e6)}`))).expected).toBe('a valid JSON string')
  })

  test('the largest numbers that are exact are read', () => {
    const header = `{"x":${entry({ dtype: 'U8', shape: [0, Number.MAX_SAFE_INTEGER], data_offsets: [0, 0] })}}`
    expect(decode(craft(header)).tensors.get('x')?.shape).toEqual([0, Number.MAX_SAFE_INTEGER])
    const far = `{"x":${entry({ data_offsets: [0, Number.MAX_SAFE_INTEGER] })}}`
    expect(complaintOf(() => decode(craft(far, 4))).found).toBe('data_offsets [0, 9007199254740991]')
  })
})
