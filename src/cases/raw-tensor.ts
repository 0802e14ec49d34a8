import { endianness } from 'node:os'
import { formatShape, sizeOf, type Real, type Shape } from '../../reference/tensor.ts'
import { QuestionError } from '../errors.ts'

/** Bytes per element, in the order of the upstream library's enum: increasing alignment, which fixes its layout. */
const ELEMENT_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const

export type Dtype = keyof typeof ELEMENT_BYTES
export const DTYPES: readonly Dtype[] = Object.keys(ELEMENT_BYTES).filter(isDtype)

/** A tensor as it lies in a file: row-major, little-endian; `bytes` may be a view of the whole file. */
export interface RawTensor {
  readonly dtype: Dtype
  readonly shape: Shape
  readonly bytes: Uint8Array
}

/** What a `.safetensors` file holds, in the order of its header. */
export interface TensorFile {
  readonly metadata: ReadonlyMap<string, string>
  readonly tensors: ReadonlyMap<string, RawTensor>
}

/** As NumPy allows; a header may not make us hold a shape of millions of extents. */
export const MAX_RANK = 64

export function isDtype(text: string): text is Dtype {
  return Object.hasOwn(ELEMENT_BYTES, text)
}

/** Names come from files of up to 100 MB of header: what a message shows of one. */
export function clip(text: string, length = 80): string {
  return text.length > length ? `${text.slice(0, length)}…` : text
}

/**
 * Bytes a tensor of `dtype` and `shape` takes, exactly.
 * @throws QuestionError naming `tensor` when an extent is not a non-negative safe integer, the rank is over
 * {@link MAX_RANK}, or the extents that are not zero multiply to more than a safe integer (so that no later product,
 * in whatever order, is off)
 */
export function byteSize(tensor: string, dtype: Dtype, shape: Shape): number {
  const complain = (expected: string, found: string) =>
    new QuestionError({ tensor: clip(tensor), expected, found })
  if (shape.length > MAX_RANK) throw complain(`a shape of at most ${MAX_RANK} extents`, `${shape.length}`)
  for (const extent of shape) {
    if (!Number.isSafeInteger(extent) || extent < 0) {
      throw complain('extents that are whole numbers from 0 to 2^53 - 1', formatShape(shape))
    }
  }
  if (!Number.isSafeInteger(sizeOf(shape.filter((extent) => extent > 0)))) {
    throw complain('a shape of at most 2^53 - 1 elements', formatShape(shape))
  }
  return sizeOf(shape) * ELEMENT_BYTES[dtype]
}

/**
 * The numbers of an F32 or F64 tensor, copied; NaN payloads survive.
 * @throws QuestionError, naming `tensor` where given, when the dtype is another
 */
export function real({ dtype, bytes }: RawTensor, tensor?: string): Real {
  if (dtype === 'F32') return new Float32Array(copyNative(bytes, 4))
  if (dtype === 'F64') return new Float64Array(copyNative(bytes, 8))
  throw wrongDtype(tensor, ['F32', 'F64'], dtype)
}

/** A dtype that cannot be asked, with the way out for the narrow ones, which are what people bring. */
export function wrongDtype(tensor: string | undefined, legal: readonly Dtype[], found: Dtype): QuestionError {
  const but = legal.slice(0, -1).join(', ')
  return new QuestionError({
    ...(tensor === undefined ? {} : { tensor: clip(tensor) }),
    expected: `dtype ${but === '' ? '' : `${but} or `}${legal.at(-1)}`,
    found,
    ...(found === 'BF16' || found === 'F16'
      ? { hint: 'store it as F32; "touchstone profile" lists what is judged as computed in bf16 or fp16' }
      : {}),
  })
}

/**
 * `data` as an F32 or F64 tensor, copied; NaN payloads survive.
 * @throws RangeError when `shape` has another number of elements
 */
export function fromReal(data: Real, shape: Shape): RawTensor {
  const bytes = copyNative(
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    data.BYTES_PER_ELEMENT,
  )
  return wrap('fromReal', data instanceof Float32Array ? 'F32' : 'F64', shape, new Uint8Array(bytes))
}

/**
 * `data` as a U8 tensor, copied.
 * @throws RangeError when `shape` has another number of elements
 */
export function fromU8(data: Uint8Array, shape: Shape): RawTensor {
  return wrap('fromU8', 'U8', shape, new Uint8Array(data))
}

function wrap(operation: string, dtype: Dtype, shape: Shape, bytes: Uint8Array): RawTensor {
  const size = bytes.length / ELEMENT_BYTES[dtype]
  if (sizeOf(shape) !== size) {
    throw new RangeError(
      `${operation}: expected ${sizeOf(shape)} elements for ${formatShape(shape)}, found ${size}`,
    )
  }
  return { dtype, shape: [...shape], bytes }
}

/** A copy, which also aligns it, between the file's little-endian bytes and the host's own; its own inverse. */
function copyNative(bytes: Uint8Array, elementBytes: number): ArrayBuffer {
  const copy = new Uint8Array(bytes)
  if (endianness() === 'BE') {
    const swap = Buffer.from(copy.buffer)
    if (elementBytes === 4) swap.swap32()
    else swap.swap64()
  }
  return copy.buffer
}
