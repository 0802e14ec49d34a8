import { QuestionError } from '../errors.ts'
import { byteSize, clip, DTYPES, isDtype, type RawTensor, type TensorFile } from './raw-tensor.ts'
import { METADATA, parseHeader, type Entry } from './safetensors-header.ts'

/** The upstream library's own limit. */
const MAX_HEADER_BYTES = 100_000_000

/** The most that Node reads at once: 2 GiB less a byte. */
export const MAX_FILE_BYTES: number = 2 ** 31 - 1

const LENGTH_BYTES = 8

/**
 * Reads a `.safetensors` file: eight bytes of header length, a JSON header, the data (format and limits:
 * https://github.com/huggingface/safetensors). Every tensor's `bytes` are a view of `bytes`, not a copy. Stricter than
 * upstream: a member of a tensor other than dtype, shape and data_offsets is refused, and so are equal names.
 * @throws QuestionError when the file breaks the format, naming the tensor where there is one
 */
export function decode(bytes: Uint8Array): TensorFile {
  const headerBytes = headerLength(bytes)
  const { metadata, entries } = parseHeader(utf8(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + headerBytes)))
  const data = bytes.subarray(LENGTH_BYTES + headerBytes)
  const tensors = new Map<string, RawTensor>()
  for (const [name, entry] of entries) tensors.set(name, slice(name, entry, data))
  demandCoverage(entries, data.length)
  return { metadata, tensors }
}

function headerLength(bytes: Uint8Array): number {
  const hint = 'is it a .safetensors file?'
  if (bytes.length < LENGTH_BYTES) {
    throw new QuestionError({ expected: `at least ${LENGTH_BYTES} bytes`, found: `${bytes.length}`, hint })
  }
  const declared = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getBigUint64(0, true)
  if (declared > MAX_HEADER_BYTES) {
    throw new QuestionError({
      expected: `a header of at most ${MAX_HEADER_BYTES} bytes`,
      found: `${declared}`,
      hint,
    })
  }
  const room = bytes.length - LENGTH_BYTES
  if (declared > room) {
    const expected = `a header of at most ${room} bytes, the rest of the file`
    throw new QuestionError({ expected, found: `${declared}`, hint: 'truncated, or not a .safetensors file' })
  }
  return Number(declared)
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new QuestionError({ expected: 'a header in UTF-8', found: 'bytes that are not' })
  }
}

function slice(name: string, { dtype, shape, begin, end }: Entry, data: Uint8Array): RawTensor {
  const tensor = clip(name)
  const offsets = `data_offsets [${begin}, ${end}]`
  if (!isDtype(dtype)) {
    throw new QuestionError({
      tensor,
      expected: `a dtype among ${DTYPES.join(', ')}`,
      found: `"${clip(dtype)}"`,
    })
  }
  const size = byteSize(name, dtype, shape)
  if (begin > end) throw new QuestionError({ tensor, expected: 'data_offsets in order', found: offsets })
  if (end > data.length) {
    throw new QuestionError({
      tensor,
      expected: `data within the file's ${data.length} bytes of data`,
      found: offsets,
      hint: 'truncated?',
    })
  }
  if (end - begin !== size) {
    const expected = `${size} bytes of data for ${dtype} [${shape.join(', ')}]`
    throw new QuestionError({ tensor, expected, found: `${end - begin}, ${offsets}` })
  }
  return { dtype, shape, bytes: data.subarray(begin, end) }
}

/** Each byte of data must belong to exactly one tensor: what hides in a hole is not what was judged. */
function demandCoverage(entries: ReadonlyMap<string, Entry>, dataBytes: number): void {
  const inPlace = [...entries].toSorted(([, a], [, b]) => a.begin - b.begin || a.end - b.end)
  let covered = 0
  let previous = ''
  for (const [name, { begin, end }] of inPlace) {
    if (begin !== covered) {
      const trouble =
        begin < covered ? `overlapping "${previous}"` : `leaving a hole of ${begin - covered} bytes`
      const found = `data_offsets [${begin}, ${end}], ${trouble}`
      throw new QuestionError({ tensor: clip(name), expected: `data from byte ${covered} on`, found })
    }
    covered = end
    previous = clip(name)
  }
  if (covered !== dataBytes) {
    const found = `${dataBytes - covered} trailing bytes`
    throw new QuestionError({
      expected: `the file to end with its tensors, after ${covered} bytes of data`,
      found,
    })
  }
}

/**
 * Writes what {@link decode} reads. Canonical: the same contents give the same bytes, whatever the order of the maps,
 * and the very bytes of the upstream library. Tensors lie by dtype as upstream orders them (descending, so wide elements
 * first and each tensor aligned to its elements), then by name; the metadata, if any, by name; the header is padded
 * with spaces to eight bytes.
 * @throws QuestionError when the contents are not what the format can hold: bytes that do not fit dtype and shape,
 * text that is not well-formed Unicode, a tensor named `__metadata__`, more than {@link MAX_FILE_BYTES}
 */
export function encode(file: TensorFile): Uint8Array {
  const placed = [...file.tensors].toSorted(
    ([aName, a], [bName, b]) => DTYPES.indexOf(b.dtype) - DTYPES.indexOf(a.dtype) || byUtf8(aName, bName),
  )
  const { header, dataBytes } = describe(file.metadata, placed)
  const headerBytes = Math.ceil(header.length / 8) * 8
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new QuestionError({
      expected: `a header of at most ${MAX_HEADER_BYTES} bytes`,
      found: `${headerBytes}`,
    })
  }
  const total = LENGTH_BYTES + headerBytes + dataBytes
  if (total > MAX_FILE_BYTES) {
    throw new QuestionError({
      expected: `at most ${MAX_FILE_BYTES} bytes (2 GiB) in a file`,
      found: `${total}`,
    })
  }
  const bytes = new Uint8Array(total).fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerBytes)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true)
  bytes.set(header, LENGTH_BYTES)
  let at = LENGTH_BYTES + headerBytes
  for (const [, tensor] of placed) {
    bytes.set(tensor.bytes, at)
    at += tensor.bytes.length
  }
  return bytes
}

function describe(metadata: TensorFile['metadata'], placed: readonly [string, RawTensor][]) {
  const members: string[] = []
  if (metadata.size > 0) {
    const strings = [...metadata].toSorted(([a], [b]) => byUtf8(a, b))
    members.push(
      `"${METADATA}":{${strings.map(([key, value]) => `${quote(key)}:${quote(value)}`).join(',')}}`,
    )
  }
  let dataBytes = 0
  for (const [name, { dtype, shape, bytes }] of placed) {
    const tensor = clip(name)
    if (name === METADATA)
      throw new QuestionError({ tensor, expected: 'another name', found: 'the name of the metadata' })
    const size = byteSize(name, dtype, shape)
    if (bytes.length !== size) {
      const expected = `${size} bytes of data for ${dtype} [${shape.join(', ')}]`
      throw new QuestionError({ tensor, expected, found: `${bytes.length}` })
    }
    const offsets = `[${dataBytes},${dataBytes + size}]`
    members.push(`${quote(name)}:{"dtype":"${dtype}","shape":[${shape.join(',')}],"data_offsets":${offsets}}`)
    dataBytes += size
  }
  return { header: new TextEncoder().encode(`{${members.join(',')}}`), dataBytes }
}

function quote(text: string): string {
  if (!/\p{Cs}/u.test(text)) return JSON.stringify(text)
  throw new QuestionError({ expected: 'well-formed Unicode', found: JSON.stringify(clip(text)) })
}

/** By code points, as upstream sorts; JavaScript's own order is by UTF-16 units. */
function byUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
