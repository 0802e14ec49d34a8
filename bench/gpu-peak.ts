import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { formsFor, KERNEL_FORMS, WORKGROUP_SIZE } from '../gpu/arithmetic/forms.ts'
import { gpuArithmetic, type GpuMask } from '../gpu/arithmetic/index.ts'
import { openDevice, type Device } from '../gpu/device/device.ts'
import { executorOn } from '../gpu/executor.ts'
import { kernelsFor } from '../gpu/index.ts'
import { readKernelFile } from '../gpu/kernel-source.ts'
import { recorder, type Program, type Storage } from '../gpu/program.ts'
import { float32 } from '../reference/float32/index.ts'
import { sizeOf, tensor, type Shape, type Tensor } from '../reference/tensor.ts'
import { random } from '../src/random.ts'
import { rowSubjects } from './gpu-peak-rows.ts'
import { DEIT_B, peakSubjects, TINY, type PeakSubject, type Way } from './gpu-peak-subjects.ts'
import { compare, type Comparison, type Contender, type Peak, type Suite } from './suite.ts'

/** Set by `--smoke`: tiny sizes, a round each, to see that all of it runs; its figures mean nothing. */
const smoke = (process.env['TOUCHSTONE_BENCH_SMOKE'] ?? '') !== ''
const sizes = smoke ? TINY : DEIT_B

/**
 * What kernels reach on a device, as shares of its peaks if those are said (TOUCHSTONE_PEAK_TFLOPS, TOUCHSTONE_BANDWIDTH_GBS): the same work
 * again and again, nothing brought back but its first number; compiling and bringing up are not counted. And all of `verify`.
 */
export const gpuPeakSuites: readonly Suite[] = [
  ...[...peakSubjects(sizes), ...rowSubjects(sizes)].map((subject) => ({
    name: `gpu-peak-${subject.name}`,
    description: `${subject.description}: what a GPU reaches`,
    run: () => race(subject),
  })),
  { name: 'gpu-peak-verify', description: 'all of `npm run verify`, CPU and GPU', run: verify },
]

/** One submit should take about so many milliseconds, and hold no more than so many repetitions. */
const [LONG_ENOUGH, MOST] = smoke ? [1, 2] : [200, 200]
/** Submits handed over before the first is waited for: while one runs the next is encoded, which takes a GPU's time otherwise. */
const IN_FLIGHT = smoke ? 1 : 4
const ROUNDS = smoke ? 1 : 9
/** A GPU in software takes seconds to compile a kernel. */
const PATIENCE_SECONDS = 600

async function race(subject: PeakSubject): Promise<Comparison> {
  const device = await openDevice({
    adapter: process.env['TOUCHSTONE_ADAPTER'],
    timeoutSeconds: PATIENCE_SECONDS,
  })
  try {
    const { fallback } = device.report
    const batch = fallback ? 1 : largestBatch(device, subject)
    const inputs = tensorsFor(subject, batch)
    const contenders: Contender[] = []
    for (const way of subject.ways.filter(({ tile }) => !fallback || tile === undefined)) {
      const { target } = way
      const one = await contender(device, subject, way, inputs)
      // what is asked of a GPU is asked of none in software
      contenders.push(fallback || target === undefined ? one : { ...one, target })
    }
    const peak = fallback ? undefined : peakOf(subject)
    const comparison = await compare(contenders, {
      title: batch === 1 ? subject.description : `${subject.description}, ${batch} of them`,
      unit: subject.unit,
      work: subject.work * batch,
      rounds: ROUNDS,
      ...(smoke && { least: 0 }),
      ...(peak === undefined ? {} : { peak }),
    })
    return { ...comparison, device: described(device) }
  } finally {
    device.close()
  }
}

function described({ report }: Device): string {
  const { form, reason } = kernelsFor(report)
  return `${report.name} (${report.driver}), kernels ${form} (${reason})`
}

/** What the device could do, if it was said. */
function peakOf({ unit, share }: PeakSubject): Peak | undefined {
  const { TOUCHSTONE_PEAK_TFLOPS, TOUCHSTONE_BANDWIDTH_GBS } = process.env
  const rate = Number(unit === 'TFLOP/s' ? TOUCHSTONE_PEAK_TFLOPS : TOUCHSTONE_BANDWIDTH_GBS)
  return share === undefined || !(rate > 0) ? undefined : { rate, target: share }
}

/** The batch, halved until no tensor of any way is larger than a buffer of the device. */
function largestBatch(device: Device, subject: PeakSubject): number {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.gpu.limits
  // buffers are of whole megabytes
  const most = (Math.min(maxBufferSize, maxStorageBufferBindingSize) - 2 ** 20) / 4
  const widest = (batch: number): number => {
    const words = subject.ways.flatMap((way) => {
      const record = recorder()
      const shapes = subject.inputs.map(({ shape, shared }) => (shared ? shape : [batch, ...shape]))
      const x = shapes.map((shape) => ({ shape, values: record.allocate(sizeOf(shape)) }))
      const { programs } = recorded(device, subject, way, record, x)
      return programs.flatMap(({ dispatches }) => dispatches).flatMap(({ bindings }) => bindings)
    })
    return words.reduce((largest, storage) => Math.max(largest, storage.words), 0)
  }
  let { batch } = subject
  while (batch > 1 && widest(batch) > most) batch = Math.ceil(batch / 2)
  return batch
}

/** What is to be run: once, for the mask, and then again and again. */
function recorded(
  device: Device,
  subject: PeakSubject,
  { fuse, tile, kernels = kernelsAsked(), compute }: Way,
  record: ReturnType<typeof recorder>,
  x: readonly { readonly shape: Shape; readonly values: Storage }[],
): { readonly programs: readonly [Program, Program]; readonly values: Storage; readonly shape: Shape } {
  const a = gpuArithmetic(record, formsFor(device.report, { kernels, tile }), fuse)
  const mask: GpuMask | undefined = subject.mask?.(a, x)
  const once = record.take(mask === undefined ? [] : [mask.counts, mask.columns])
  const { values, shape } = compute(a, x, mask)
  return { programs: [once, record.take([values])], values, shape }
}

const kernelsAsked = (): (typeof KERNEL_FORMS)[number] | undefined =>
  KERNEL_FORMS.find((form) => form === process.env['TOUCHSTONE_GPU_KERNELS'])

/** Normal numbers, the same few over and over: drawing them all would take longer than the bench. */
function tensorsFor({ name, inputs }: PeakSubject, batch: number): Tensor[] {
  const stream = random(`bench/gpu-peak/${name}`)
  const few = Float32Array.from({ length: 65_537 }, () => stream.normal())
  return inputs.map(({ shape, shared }) => {
    const whole: Shape = shared ? shape : [batch, ...shape]
    const values = new Float32Array(sizeOf(whole))
    for (let at = 0; at < values.length; at += few.length) values.set(few.subarray(0, values.length - at), at)
    return tensor(values, whole)
  })
}

async function contender(
  device: Device,
  subject: PeakSubject,
  way: Way,
  inputs: readonly Tensor[],
): Promise<Contender> {
  const record = recorder()
  const scope = executorOn(device, readKernelFile, WORKGROUP_SIZE).open()
  const x = inputs.map(({ data, shape }) => ({ shape, values: record.upload(new Float32Array(data)) }))
  const { programs, values, shape } = recorded(device, subject, way, record, x)
  const [once, { dispatches, uploads }] = programs
  await scope.run({ ...once, uploads: [...once.uploads, ...uploads] }, [])
  const repeat = (times: number, words: number): Promise<ArrayBuffer[]> => {
    const some: Storage = { id: values.id, words }
    const repeated = Array.from({ length: times }, () => dispatches).flat()
    return scope.run({ uploads: [], dispatches: repeated }, [some])
  }

  const [found] = await repeat(1, sizeOf(shape.slice(1)))
  demandAgreement(subject, way, new Float32Array(found), onProcessor(subject, way, inputs))
  const start = performance.now()
  await repeat(1, 1)
  const times = Math.min(MOST, Math.ceil(LONG_ENOUGH / (performance.now() - start)))
  const run = async (): Promise<void> => {
    await Promise.all(Array.from({ length: IN_FLIGHT }, () => repeat(times, 1)))
  }
  return { name: way.name, times: times * IN_FLIGHT, run }
}

/** The first of the batch, by the reference. */
function onProcessor(subject: PeakSubject, { compute }: Way, inputs: readonly Tensor[]): ArrayLike<number> {
  const { rules, dense, readDense } = float32()
  const x = inputs.map(({ data }, i) => {
    const { shape } = subject.inputs[i]
    return dense(tensor(Float32Array.from(data.subarray(0, sizeOf(shape))), shape))
  })
  return readDense(compute(rules, x, subject.mask?.(rules, x))).data
}

/** Nothing is timed before it is right: half a per mille of the largest entry tells sums in another order from another thing. */
function demandAgreement(
  { decides }: PeakSubject,
  { name }: Way,
  found: Float32Array,
  expected: ArrayLike<number>,
): void {
  const largest = found.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const off = [...found.keys()].filter((i) => !(Math.abs(found[i] - expected[i]) <= largest / 2000))
  const [first] = off
  if (found.length !== expected.length || off.length > (decides ? found.length / 1000 : 0))
    throw new Error(
      `${name} disagrees at ${off.length} places, the first ${first}: ${found[first]}, not ${expected[first]}`,
    )
}

/** Wall time of all that `npm run verify` does, in a process of its own. */
async function verify(): Promise<Comparison> {
  const images = ['chelsea', 'astronaut'].flatMap((name) => ['--image', `golden/images/${name}.png`])
  const few = ['--equation', 'stvit/eq1', '--cases', '1']
  const start = performance.now()
  const args = ['dist/src/cli/main.js', 'verify', ...(smoke ? few : images)]
  const name = await promisify(execFile)(process.execPath, args).then(
    () => 'held',
    (error: unknown) => (error instanceof Error ? error.message.trim().replaceAll(/\s+/g, ' ') : `${error}`),
  )
  const took = performance.now() - start
  const device = await openDevice({ adapter: process.env['TOUCHSTONE_ADAPTER'] })
  device.close()
  const timing = { median: took, fastest: took, slowest: took, rounds: 1, rate: 1000 / took, ratio: 1 }
  return {
    title: `all of \`verify\`${smoke ? ', one equation' : ', CPU and GPU'}`,
    unit: 'runs/s',
    timings: [{ name, ...timing }],
    device: described(device),
  }
}
