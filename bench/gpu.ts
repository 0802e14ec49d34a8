import { openGpu, type Gpu } from '../gpu/index.ts'
import { float32 } from '../reference/float32/index.ts'
import type { Tensor } from '../reference/tensor.ts'
import { random } from '../src/random.ts'
import { normals, settingsFor } from './gpu-settings.ts'
import { subjects, type Subject } from './gpu-subjects.ts'
import { onnxruntimeOn } from './onnxruntime-webgpu.ts'
import { compare, type Comparison, type Contender, type Suite } from './suite.ts'
import { tensorflowOn } from './tfjs-webgpu.ts'

/** The GPU against two other libraries on the same adapter, and the reference for scale; results read back. */
export const gpuSuites: readonly Suite[] = subjects.map((subject) => ({
  name: `gpu-${subject.name}`,
  description: `${subject.description} on the GPU against tfjs-backend-webgpu and onnxruntime-web, and the reference on the CPU`,
  run: () => race(subject),
}))

/** Rounds of ours and the reference, and of the others, which take longer. */
const [ROUNDS, OTHERS] = [15, 11]
/** Milliseconds of a round at least: runs of five differ by a factor of three where other threads want the cores. */
const LEAST = 150

async function race(subject: Subject): Promise<Comparison> {
  const stream = random(`bench/gpu-${subject.name}`)
  const inputs = Object.values(subject.inputs).map((shape) => normals(stream, shape))
  const gpu = await openGpu({ adapter: process.env['TOUCHSTONE_ADAPTER'] })
  const { source } = gpu.report
  const contenders = [
    await ours(gpu, subject, inputs),
    await tensorflow(source, subject, inputs),
    await onnxruntime(source, subject, inputs),
    reference(subject, inputs),
  ]
  await demandAgreement(contenders)
  const { unit, work } = subject
  // a thread that waits for the device by asking again and again takes processor time too, and libraries differ in that
  return compare(contenders, {
    ...settingsFor(subject.description, gpu, 'wall'),
    unit,
    work,
    rounds: ROUNDS,
    least: LEAST,
  })
}

interface Racer extends Contender {
  /** The last result. */
  result(): ArrayLike<number>
}

/** Composites are fused: it is what a runtime would run. */
async function ours(gpu: Gpu, subject: Subject, inputs: readonly Tensor[]): Promise<Racer> {
  const session = await gpu.session({ fuse: true })
  const x = inputs.map((input) => session.dense(input))
  return racer('touchstone', async () => {
    const [value] = await session.read([{ kind: 'dense', x: subject.ours(session.rules, x) }])
    return value.kind === 'dense' ? value.tensor.data : []
  })
}

async function tensorflow(
  source: Gpu['report']['source'],
  subject: Subject,
  inputs: readonly Tensor[],
): Promise<Racer> {
  const tf = await tensorflowOn(source)
  const x = inputs.map(({ data, shape }) => tf.tensor(data, [...shape]))
  return other('tfjs-backend-webgpu', subject, async () => {
    const y = tf.tidy(() => subject.tensorflow(tf, x))
    const values = await y.data()
    y.dispose()
    return values
  })
}

async function onnxruntime(
  source: Gpu['report']['source'],
  subject: Subject,
  inputs: readonly Tensor[],
): Promise<Racer> {
  const run = await onnxruntimeOn(source, { inputs: subject.inputs, ...subject.onnx }, inputs)
  return other('onnxruntime-web', subject, run)
}

function reference(subject: Subject, inputs: readonly Tensor[]): Racer {
  const { rules, dense, readDense } = float32()
  const x = inputs.map((input) => dense(input))
  return racer('float32 (CPU)', () => readDense(subject.ours(rules, x)).data)
}

function other(name: string, { target }: Subject, run: () => Promise<ArrayLike<number>>): Racer {
  return { ...racer(name, run), rounds: OTHERS, ...(target === undefined ? {} : { target }) }
}

function racer(name: string, compute: () => ArrayLike<number> | Promise<ArrayLike<number>>): Racer {
  let result: ArrayLike<number> = []
  const keep = (found: ArrayLike<number>): void => {
    result = found
  }
  return {
    name,
    run() {
      const found = compute()
      return found instanceof Promise ? found.then(keep) : keep(found)
    },
    result: () => result,
  }
}

/** Nothing is timed before it is right: half a per mille of the largest entry tells sums in another order from another thing. */
async function demandAgreement(racers: readonly Racer[]): Promise<void> {
  for (const one of racers) await one.run()
  const expected = Array.from(racers[racers.length - 1].result())
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  for (const one of racers) {
    const found = one.result()
    const off = expected.findIndex((value, i) => !(Math.abs(found[i] - value) <= largest / 2000))
    if (off >= 0) throw new Error(`${one.name} disagrees at ${off}: ${found[off]}, not ${expected[off]}`)
  }
}
