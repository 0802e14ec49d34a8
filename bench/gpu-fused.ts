import type { GpuDense, GpuKinds } from '../gpu/arithmetic/index.ts'
import { openGpu, type Gpu } from '../gpu/index.ts'
import type { Arithmetic, Kinds } from '../reference/arithmetic.ts'
import { attend } from '../reference/layers/attention.ts'
import { feedForward } from '../reference/layers/feed-forward.ts'
import { eq1 } from '../reference/sparsifiner/eq1-low-rank-attention.ts'
import { eq2 } from '../reference/sparsifiner/eq2-coefficient-threshold.ts'
import { eq3 } from '../reference/sparsifiner/eq3-connectivity-mask.ts'
import { eq4 } from '../reference/sparsifiner/eq4-sparse-attention.ts'
import { eq6 } from '../reference/sparsifiner/eq6-sparse-values.ts'
import { sizeOf, tensor, type Shape, type Tensor } from '../reference/tensor.ts'
import type { Exposed } from '../src/arithmetics/recording.ts'
import { random, type Random } from '../src/random.ts'
import { keepRandom } from './sparse-attention.ts'
import { compare, type Comparison, type Contender, type Settings, type Suite } from './suite.ts'

/** A text with composites in it, on tensors of these shapes. */
interface Subject {
  readonly name: string
  readonly description: string
  readonly shapes: readonly Shape[]
  text<K extends Kinds>(a: Arithmetic<K>, x: readonly K['Dense'][]): K['Dense'] | { readonly M: K['Mask'] }
}

/** DeiT-S: 197 tokens of 384 channels, six heads, the feed-forward network four times as wide. */
const [n, C, h, rC] = [197, 384, 6, 1536]
const d = C / h
const config = { heads: h, eps: 1e-6 }
const factor = 1 / Math.sqrt(d)

const projections: readonly Shape[] = [0, 1, 2, 3].flatMap((): Shape[] => [[C, C], [C]])
const widening: readonly Shape[] = [[rC, C], [rC], [C, rC], [C]]

const subjects: readonly Subject[] = [
  {
    name: 'attention',
    description: `attention of ${h} heads of ${d}, n = ${n}, from q, k and v on`,
    shapes: [
      [h, n, d],
      [h, n, d],
      [h, n, d],
    ],
    text: (a, [q, k, v]) => attention(a, q, k, v),
  },
  {
    name: 'attention-layer',
    description: `an attention layer, n = ${n}, C = ${C}, h = ${h}, projections and all`,
    shapes: [[n, C], ...projections],
    text(a, [x, ...params]) {
      const [q, k, v, proj] = [0, 2, 4, 6].map((i) => ({ weight: params[i], bias: params[i + 1] }))
      const [fc1, fc2] = [q, q]
      return attend(a, x, x, { attn: { q, k, v, proj }, ffn: { fc1, fc2 } }, config)
    },
  },
  {
    name: 'norm-linear',
    description: `LayerNorm, a linear layer from ${C} to ${rC} and GELU, n = ${n}`,
    shapes: [[n, C], [C], [C], [rC, C], [rC]],
    text(a, [x, gain, shift, weight, bias]) {
      const [norm, linear] = [
        { weight: gain, bias: shift },
        { weight, bias },
      ]
      return a.composite('linearGelu', { x, norm, eps: config.eps, linear }, () =>
        a.gelu(a.linear(a.layerNorm(x, gain, shift, config.eps), weight, bias)),
      )
    },
  },
  {
    name: 'feed-forward',
    description: `a feed-forward network with its LayerNorm, n = ${n}, C = ${C}, rC = ${rC}`,
    shapes: [[n, C], [C], [C], ...widening],
    text(a, [x, gain, shift, w1, b1, w2, b2]) {
      const [fc1, fc2] = [
        { weight: w1, bias: b1 },
        { weight: w2, bias: b2 },
      ]
      const attn = { q: fc1, k: fc1, v: fc1, proj: fc1 }
      return feedForward(a, x, { norm2: { weight: gain, bias: shift }, attn, ffn: { fc1, fc2 } }, config)
    },
  },
  {
    name: 'mask-predictor',
    description: `Sparsifiner Eqs. 1 to 3, ${h} heads of ${d}, n = ${n}, m = 32, keep rate 0.25`,
    shapes: [
      [h, n, d],
      [h, n, d],
      [32, n],
      [32, n],
    ],
    text(a, [Q, keys, W_down, W_up]) {
      const [tau, budget] = [0.05, Math.ceil(n / 4)]
      const M = a.composite('maskPredictor', { Q, K: keys, W_down, W_up, factor, tau, budget }, () => {
        const { A_down } = eq1(a, { Q, K: keys }, { W_down }, { scale: factor })
        const { A_tilde } = eq2(a, { A_down }, {}, { tau })
        return eq3(a, { A_tilde: a.expand(A_tilde) }, { W_up }, { budget }).M
      })
      return { M }
    },
  },
]

/** Composites in one go against the primitives that they are made of, on the same device; results read back. */
export const gpuFusedSuites: readonly Suite[] = [
  ...subjects.map((subject) => ({
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

async function race(subject: Subject): Promise<Comparison> {
  const gpu = await openGpu({ adapter: process.env['TOUCHSTONE_ADAPTER'] })
  const stream = random(`bench/${subject.name}`)
  const inputs = subject.shapes.map((shape) => normals(stream, shape))
  const fused = contender('fused', gpu, true, inputs, subject)
  const unfused = { ...contender('unfused', gpu, false, inputs, subject), target: 1 }
  demandAgreement(await fused.answer(), await unfused.answer())
  return compare([fused, unfused], { ...settingsFor(subject.description, gpu), rounds: 15 })
}

/** A GPU in software is timed by what it takes of the processor. */
function settingsFor(description: string, { report }: Gpu): Omit<Settings, 'rounds'> {
  const clock = report.fallback ? 'processor' : 'wall'
  const title = `${description}, ${report.name} (${report.driver}), ${clock} time`
  return { title, unit: 'runs/s', work: 1, clock }
}

/** Weights and tokens of unit variance; the inner extent takes care of itself. */
function normals(stream: Random, shape: Shape): Tensor {
  const spread = shape.length === 2 ? 1 / Math.sqrt(shape[1]) : 1
  return tensor(
    Float32Array.from({ length: sizeOf(shape) }, () => spread * stream.normal()),
    shape,
  )
}

interface Answering extends Contender {
  answer(): Promise<ArrayLike<number>>
}

function contender(
  name: string,
  gpu: Gpu,
  fuse: boolean,
  inputs: readonly Tensor[],
  subject: Pick<Subject, 'text'>,
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

function attention<K extends Kinds>(
  a: Arithmetic<K>,
  q: K['Dense'],
  k: K['Dense'],
  v: K['Dense'],
): K['Dense'] {
  return a.composite('attention', { q, k, v, factor }, () =>
    a.matmul(a.softmax(a.scale(a.matmulTransposed(q, k), factor)), v),
  )
}
