import type { GpuDense, GpuKinds } from '../gpu/arithmetic/index.ts'
import { openGpu, type Gpu } from '../gpu/index.ts'
import { eq4 } from '../reference/sparsifiner/eq4-sparse-attention.ts'
import { eq6 } from '../reference/sparsifiner/eq6-sparse-values.ts'
import type { Tensor } from '../reference/tensor.ts'
import type { Exposed } from '../src/arithmetics/recording.ts'
import { random } from '../src/random.ts'
import { attention, fusedSubjects, type FusedSubject } from './gpu-fused-subjects.ts'
import { normals, settingsFor } from './gpu-settings.ts'
import { keepRandom } from './sparse-attention.ts'
import { compare, type Comparison, type Contender, type Suite } from './suite.ts'

/** Attention of DeiT-S: 197 tokens, six heads of 64. */
const [n, h, d] = [197, 6, 64]
const factor = 1 / Math.sqrt(d)

/** Composites in one go against the primitives that they are made of, on the same device; results read back. */
export const gpuFusedSuites: readonly Suite[] = [
  ...fusedSubjects.map((subject) => ({
    name: `gpu-fused-${subject.name}`,
    description: `${subject.description}: fused on the GPU against unfused`,
    run: () => race(subject),
  })),
  ...[197, 577, 1024].map((tokens) => ({
    name: `gpu-sparse-attention-${tokens}`,
    description: `sparse attention against dense, n = ${tokens}, both fused, over keep rates`,
    run: () => sparseAgainstDense(tokens),
  })),
]

async function race(subject: FusedSubject): Promise<Comparison> {
  const gpu = await openGpu({ adapter: process.env['TOUCHSTONE_ADAPTER'] })
  const stream = random(`bench/${subject.name}`)
  const inputs = subject.shapes.map((shape) => normals(stream, shape))
  const fused = contender('fused', gpu, true, inputs, subject)
  const unfused = { ...contender('unfused', gpu, false, inputs, subject), target: 1 }
  demandAgreement(await fused.answer(), await unfused.answer())
  return compare([fused, unfused], { ...settingsFor(subject.description, gpu), rounds: 41 })
}

interface Answering extends Contender {
  answer(): Promise<ArrayLike<number>>
}

function contender(
  name: string,
  gpu: Gpu,
  fuse: boolean,
  inputs: readonly Tensor[],
  subject: Pick<FusedSubject, 'text'>,
): Answering {
  const answer = async (): Promise<ArrayLike<number>> => {
    const session = await gpu.session({ fuse })
    try {
      const found = subject.text(
        session.rules,
        inputs.map((input) => session.dense(input)),
      )
      const wanted: Exposed<GpuKinds> =
        'M' in found ? { kind: 'mask', x: found.M } : { kind: 'dense', x: found }
      const [value] = await session.read([wanted])
      return value.kind === 'dense' ? value.tensor.data : value.mask.data
    } finally {
      session.close()
    }
  }
  return { name, answer, run: async () => void (await answer()) }
}

/** Nothing is timed before it is right. */
function demandAgreement(found: ArrayLike<number>, expected: ArrayLike<number>): void {
  const largest = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const off = Array.from(expected).filter((value, i) => !(Math.abs(found[i] - value) <= largest / 2000))
  // of a mask, a choice between scores that differ by a rounding may go either way
  if (off.length > expected.length / 1000) throw new Error(`fused and unfused differ at ${off.length} places`)
}

const RATES = [0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1]

/** Attention over random masks in one pass, at several keep rates, against attention to everything in one pass. */
async function sparseAgainstDense(tokens: number): Promise<Comparison> {
  const gpu = await openGpu({ adapter: process.env['TOUCHSTONE_ADAPTER'] })
  const heads = tokens > n ? 2 : h
  const stream = random(`bench/sparse-against-dense/${tokens}`)
  const inputs = ['Q', 'K', 'V'].map(() => normals(stream, [heads, tokens, d]))

  const one = async (name: string, rate?: number): Promise<Contender> => {
    const session = await gpu.session({ fuse: true })
    const a = session.rules
    const [Q, keys, V] = inputs.map((input) => session.dense(input))
    const mask = rate === undefined ? undefined : session.mask(keepRandom(stream, heads, tokens, rate))
    const attended = (): GpuDense =>
      mask === undefined
        ? attention(a, Q, keys, V)
        : a.composite('sparseAttention', { M: mask, Q, K: keys, V, factor, normalize: 'masked' }, () => {
            const { A_sparse } = eq4(a, { Q, K: keys, M: mask }, {}, { scale: factor, normalize: 'masked' })
            return eq6(a, { A_sparse: a.expand(A_sparse), V }).X_next
          })
    return { name, run: async () => void (await session.read([{ kind: 'dense', x: attended() }])) }
  }
  const contenders = [await one('dense')]
  for (const rate of RATES) contenders.push(await one(`keep rate ${rate}`, rate))
  const description = `sparse attention against dense, ${heads} heads of ${d}, n = ${tokens}`
  return compare(contenders, { ...settingsFor(description, gpu), rounds: tokens > n ? 3 : 9 })
}
