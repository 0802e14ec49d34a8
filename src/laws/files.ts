import { byteSize, DTYPES, type RawTensor, type TensorFile } from '../cases/raw-tensor.ts'
import { QuestionError } from '../errors.ts'
import { random, type Random } from '../random.ts'
import { LawBroken, type Law } from './law.ts'
import { demand } from './measured.ts'
import { range } from './rearrange.ts'

const NAMES = ['input.X', 'param.attn.q.weight', '10', '2', '__proto__', 'Ŝ¹', '"\\\n', '😀', '']

/** Laws of the files that carry cases. */
export const fileLaws: readonly Law[] = [
  {
    id: 'what-is-written-is-read',
    statement:
      'Any set of tensors and texts is read back from its file with the same names, types, shapes and bytes.',
    source: 'contract: one case is one .safetensors file',
    equations: [],
    holds({ codec }, trial) {
      const file = randomFile(random(trial.seed), trial.largest)
      const back = codec.decode(codec.encode(file))
      const [expected, found] = [file, back].map(described)
      demand(found === expected, () => `read ${found}, written ${expected}`)
    },
    mutant: {
      name: 'the bytes of a tensor written back to front',
      corrupt: (codec) => ({
        encode: ({ metadata, tensors }) =>
          codec.encode({
            metadata,
            tensors: new Map([...tensors].map(([name, x]) => [name, { ...x, bytes: x.bytes.toReversed() }])),
          }),
      }),
    },
  },
  {
    id: 'the-order-of-tensors-does-not-show',
    statement: 'The same tensors and texts give the same bytes, in whatever order they are handed over.',
    source: 'src/cases/safetensors.ts: the written form is canonical',
    equations: [],
    holds({ codec }, trial) {
      const { metadata, tensors } = randomFile(random(trial.seed), trial.largest)
      const turned = {
        metadata: new Map([...metadata].toReversed()),
        tensors: new Map([...tensors].toReversed()),
      }
      const [one, other] = [codec.encode({ metadata, tensors }), codec.encode(turned)]
      demand(Buffer.compare(one, other) === 0, () => `${one.length} and ${other.length} bytes differ`)
    },
    mutant: {
      name: 'a note of the tensor written last',
      corrupt: (codec) => ({
        encode({ metadata, tensors }) {
          const last = [...tensors.keys()].at(-1) ?? ''
          return codec.encode({ tensors, metadata: new Map([...metadata, ['last', last]]) })
        },
      }),
    },
  },
  {
    id: 'a-damaged-file-is-refused-or-read',
    statement:
      'A file with bits flipped, bytes cut or a header that lies is refused in one line or read, never a crash.',
    source: 'design, errors: everything read from outside is hostile',
    equations: [],
    holds({ codec }, trial) {
      const source = random(trial.seed)
      const bytes = damaged(codec.encode(randomFile(source, trial.largest)), source.fork('damage'))
      try {
        codec.decode(bytes)
      } catch (error) {
        if (error instanceof QuestionError) {
          demand(!error.message.includes('\n'), () => `more than one line: ${error.message}`)
          return
        }
        throw new LawBroken(`${bytes.length} damaged bytes crash the reader: ${String(error)}`, {
          cause: error,
        })
      }
    },
    mutant: {
      name: 'the header’s length and JSON trusted',
      corrupt: (codec) => ({
        decode(bytes) {
          const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
          JSON.parse(new TextDecoder().decode(new Uint8Array(bytes.buffer, bytes.byteOffset + 8, length)))
          return codec.decode(bytes)
        },
      }),
    },
  },
]

function randomFile(source: Random, largest: number): TensorFile {
  const tensors = new Map<string, RawTensor>()
  const metadata = new Map<string, string>()
  for (const name of NAMES) {
    if (source.uniform() < 0.5) continue
    const dtype = source.pick(DTYPES)
    const shape = range(source.integer(0, 3)).map(() => source.integer(0, Math.min(4, largest)))
    const bytes = Uint8Array.from({ length: byteSize(name, dtype, shape) }, () => source.integer(0, 255))
    tensors.set(name, { dtype, shape, bytes })
    metadata.set(source.pick(NAMES), name)
  }
  return { metadata, tensors }
}

/** Everything a file says, as text: maps are compared by their contents. */
function described({ metadata, tensors }: TensorFile): string {
  const parts = [...tensors].map(
    ([name, { dtype, shape, bytes }]) => `${JSON.stringify(name)} ${dtype} [${shape.join()}] ${bytes.join()}`,
  )
  const texts = [...metadata].map((text) => JSON.stringify(text))
  return [...parts.toSorted(), ...texts.toSorted()].join('; ')
}

function damaged(bytes: Uint8Array, source: Random): Uint8Array {
  const at = source.integer(0, bytes.length - 1)
  switch (source.pick(['flip', 'flip', 'cut', 'lie'])) {
    case 'flip':
      return bytes.with(at, bytes[at] ^ (1 << source.integer(0, 7)))
    case 'cut':
      return bytes.slice(0, at)
    default:
      // a byte of the header, or of its length, becomes a digit
      return bytes.with(at % Math.min(bytes.length, 200), source.integer(48, 57))
  }
}
