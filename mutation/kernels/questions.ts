import type { Gpu } from '../../gpu/index.ts'
import { readKernelFile } from '../../gpu/kernel-source.ts'
import {
  answerOf,
  compositePieces,
  drawnFor,
  primitivePieces,
  type Extents,
  type Piece,
} from '../../property-tests/gpu-pieces.ts'
import { answerOn } from '../../src/arithmetics/gpu.ts'
import { catalogue } from '../../src/catalogue/index.ts'
import { drawn, judging, probed, type Posed } from '../../src/verification/cases.ts'
import { hasComposites } from '../../src/verification/gpu.ts'
import { boundedOf } from '../../src/verdict/bounded/arithmetic.ts'
import { compareDense } from '../../src/verdict/judge/compare-dense.ts'
import { portable } from '../../src/verdict/profile/shipped.ts'

/** A question, and how its answer is judged. */
export interface Asked {
  readonly name: string
  /** The files that its kernels are made of. */
  readonly files: ReadonlySet<string>
  /** Has it answered. */
  passes(gpu: Gpu): Promise<boolean>
}

type Question = Omit<Asked, 'files'>

/** What `verify` asks the GPU, probes first, since they are small; then every piece that has kernels of its own, on ragged extents. */
export async function questionsOn(gpu: Gpu, cases: number): Promise<Asked[]> {
  const asked: Asked[] = []
  for (const question of [...asVerifyAsks(cases), ...ragged()]) {
    asked.push({ ...question, files: await filesOf(gpu, question) })
  }
  return asked
}

function* asVerifyAsks(cases: number): Generator<Question> {
  for (const equation of catalogue) {
    for (const posed of [...probed(equation, 1), ...drawn(equation, 1, cases)]) {
      for (const fuse of hasComposites(equation) ? [false, true] : [false]) yield asPosed(posed, fuse)
    }
  }
}

/** Fused, outputs alone. */
function asPosed(posed: Posed, fuse: boolean): Question {
  const { question, probe, seed } = posed
  const judge = once(() => judging(posed))
  const isWanted = (name: string): boolean => !fuse || question.equation.exposes[name].output === true
  return {
    name: `${question.equation.id}${fuse ? ' fused' : ''} ${probe?.name ?? seed}`,
    passes: async (gpu) => judge()(await answerOn(gpu, question, fuse, isWanted)).verdict === 'pass',
  }
}

const EXTENTS: readonly Extents[] = [
  { n: 65, k: 197, m: 63 },
  { n: 3, k: 1, m: 65 },
  { n: 63, k: 3, m: 197 },
  { n: 1, k: 65, m: 3 },
  { n: 197, k: 63, m: 1 },
]

function* ragged(): Generator<Question> {
  for (const [seed, extents] of EXTENTS.entries()) {
    for (const [name, piece] of Object.entries(primitivePieces))
      yield onPiece(name, piece, extents, seed, false)
    for (const [name, piece] of Object.entries(compositePieces))
      yield onPiece(name, piece, extents, seed, true)
  }
}

const { rules, dense } = boundedOf(portable)

function onPiece(name: string, piece: Piece, extents: Extents, seed: number, fuse: boolean): Question {
  const tensors = drawnFor(piece, extents, seed)
  const truth = once(() =>
    piece.compute(
      rules,
      tensors.map((x) => dense(x)),
    ),
  )
  return {
    name: `ragged ${name} ${Object.values(extents).join()}`,
    async passes(gpu) {
      const { verdict } = compareDense(truth(), await answerOf(piece, tensors, gpu, fuse))
      return verdict === 'pass' || verdict === 'not-judged'
    },
  }
}

async function filesOf(gpu: Gpu, question: Question): Promise<ReadonlySet<string>> {
  const files = new Set<string>()
  const noting = gpu.reading((name) => {
    files.add(name)
    return readKernelFile(name)
  })
  if (await question.passes(noting)) return files
  throw new Error(`mutation: ${question.name} does not pass with the kernels as they are`)
}

/** What is made when it is first wanted: truth takes longer than an answer. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
