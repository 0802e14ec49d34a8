import { openGpu, type GpuSession } from '../gpu/index.ts'
import type { GpuDense } from '../gpu/arithmetic/index.ts'
import { float32 } from '../reference/float32/index.ts'
import type { Arithmetic, Kinds } from '../reference/arithmetic.ts'
import { sizeOf, tensor, type Shape, type Tensor } from '../reference/tensor.ts'
import { random } from '../src/random.ts'
import { compare, type Comparison, type Contender, type Suite } from './suite.ts'
import { tensorflowOn, type TensorFlow, type TensorFlowTensor } from './tfjs-webgpu.ts'

/** A computation on some tensors in one library's words. */
interface Subject {
  readonly name: string
  readonly description: string
  readonly unit: string
  /** Units of work in one run. */
  readonly work: number
  readonly shapes: readonly Shape[]
  ours<K extends Kinds>(a: Arithmetic<K>, x: readonly K['Dense'][]): K['Dense']
  theirs(tf: TensorFlow, x: readonly TensorFlowTensor[]): TensorFlowTensor
}

const EPS = 1e-6
/** DeiT-S: the first linear layer of the feed-forward network, the attention of six heads, the norm of its tokens. */
const [n, k, m] = [196, 384, 1536]
const subjects: readonly Subject[] = [
  {
    name: 'gpu-product',
    description: `product ${n} × ${k} × ${m}`,
    unit: 'GFLOP/s',
    work: (2 * n * k * m) / 1e9,
    shapes: [
      [n, k],
      [k, m],
    ],
    ours: (a, [x, y]) => a.matmul(x, y),
    theirs: (tf, [x, y]) => tf.matMul(x, y),
  },
  {
    name: 'gpu-softmax',
    description: 'softmax of 6 × 197 rows of 197',
    unit: 'runs/s',
    work: 1,
    shapes: [[6 * 197, 197]],
    ours: (a, [x]) => a.softmax(x),
    theirs: (tf, [x]) => tf.softmax(x),
  },
  {
    name: 'gpu-layer-norm',
    description: 'LayerNorm of 197 tokens of 384 channels',
    unit: 'runs/s',
    work: 1,
    shapes: [[197, 384], [384], [384]],
    ours: (a, [x, weight, bias]) => a.layerNorm(x, weight, bias, EPS),
    theirs(tf, [x, weight, bias]) {
      const { mean, variance } = tf.moments(x, -1, true)
      return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, EPS))), weight), bias)
    },
  },
]

/** Primitives on the GPU against tfjs-backend-webgpu on the same adapter, and the reference for scale; results read back. */
export const gpuSuites: readonly Suite[] = subjects.map((subject) => ({
  name: subject.name,
  description: `${subject.description} on the GPU against tfjs-backend-webgpu, and the reference on the CPU`,
  run: () => race(subject),
}))

async function race(subject: Subject): Promise<Comparison> {
  const stream = random(`bench/${subject.name}`)
  const inputs = subject.shapes.map((shape) =>
    tensor(
      Float32Array.from({ length: sizeOf(shape) }, () => stream.normal()),
      shape,
    ),
  )
  const gpu = await openGpu({ adapter: process.env['TOUCHSTONE_ADAPTER'] })
  const contenders = [
    await ours(await gpu.session(), subject, inputs),
    await theirs(await tensorflowOn(gpu.report.source), subject, inputs),
    reference(subject, inputs),
  ]
  await demandAgreement(contenders)
  const { name, driver } = gpu.report
  const title = `${subject.description}, ${name} (${driver})`
  const { unit, work } = subject
  return compare(contenders, { title, unit, work, rounds: 9 })
}

interface Racer extends Contender {
  /** The last result. */
  result(): ArrayLike<number>
}

async function ours(session: GpuSession, subject: Subject, inputs: readonly Tensor[]): Promise<Racer> {
  const x: GpuDense[] = inputs.map((input) => session.dense(input))
  let result: ArrayLike<number> = []
  return {
    name: 'touchstone',
    async run() {
      const [value] = await session.read([{ kind: 'dense', x: subject.ours(session.rules, x) }])
      if (value.kind === 'dense') result = value.tensor.data
    },
    result: () => result,
  }
}

async function theirs(tf: TensorFlow, subject: Subject, inputs: readonly Tensor[]): Promise<Racer> {
  const x = inputs.map(({ data, shape }) => tf.tensor(data, [...shape]))
  let result: ArrayLike<number> = []
  return {
    name: 'tfjs-backend-webgpu',
    target: 5,
    rounds: 5,
    async run() {
      const y = tf.tidy(() => subject.theirs(tf, x))
      result = await y.data()
      y.dispose()
    },
    result: () => result,
  }
}

function reference(subject: Subject, inputs: readonly Tensor[]): Racer {
  const { rules, dense, readDense } = float32()
  const x = inputs.map((input) => dense(input))
  let result: ArrayLike<number> = []
  return {
    name: 'float32 (CPU)',
    run() {
      result = readDense(subject.ours(rules, x)).data
    },
    result: () => result,
  }
}

/** Nothing is timed before it is right: half a per mille of the largest entry tells sums in another order from another thing. */
async function demandAgreement(racers: readonly Racer[]): Promise<void> {
  for (const racer of racers) await racer.run()
  const expected = Array.from(racers[racers.length - 1].result())
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  for (const racer of racers) {
    const found = racer.result()
    const off = expected.findIndex((value, i) => !(Math.abs(found[i] - value) <= largest / 2000))
    if (off >= 0) throw new Error(`${racer.name} disagrees at ${off}: ${found[off]}, not ${expected[off]}`)
  }
}
