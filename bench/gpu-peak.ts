import { formsFor, KERNEL_FORMS, WORKGROUP_SIZE } from '../gpu/arithmetic/forms.ts'
import { gpuArithmetic, type GpuMask } from '../gpu/arithmetic/index.ts'
import { openDevice, type Device } from '../gpu/device/device.ts'
import { executorOn } from '../gpu/executor.ts'
import { readKernelFile } from '../gpu/kernel-source.ts'
import { recorder, type Storage } from '../gpu/program.ts'
import { float32 } from '../reference/float32/index.ts'
import { sizeOf, tensor, type Shape, type Tensor } from '../reference/tensor.ts'
import { random } from '../src/random.ts'
import { peakSubjects, type PeakSubject, type Way } from './gpu-peak-subjects.ts'
import { compare, type Comparison, type Contender, type Peak, type Suite } from './suite.ts'

/**
 * What kernels reach on a device, as shares of its peaks if those are said (TOUCHSTONE_PEAK_TFLOPS, TOUCHSTONE_BANDWIDTH_GBS): the same work
 * again and again in one submit, nothing brought back but its first numbers. What it takes to encode is counted, compiling and bringing up are not.
 */
export const gpuPeakSuites: readonly Suite[] = peakSubjects.map((subject) => ({
  name: `gpu-peak-${subject.name}`,
  description: `${subject.description}: what a GPU reaches`,
  run: () => race(subject),
}))

/** One submit should take about so many milliseconds, and hold no more than so many repetitions. */
const [LONG_ENOUGH, MOST] = [200, 200]

async function race(subject: PeakSubject): Promise<Comparison> {
  const device = await openDevice({ adapter: process.env['TOUCHSTONE_ADAPTER'] })
  const { name, driver, fallback } = device.report
  const batch = fallback ? 1 : subject.batch
  const inputs = tensorsFor(subject, batch)
  const contenders: Contender[] = []
  for (const way of subject.ways) {
    const { target } = way
    const one = await contender(device, subject, way, inputs)
    // what is asked of a GPU is asked of none in software
    contenders.push(fallback || target === undefined ? one : { ...one, target })
  }
  const peak = fallback ? undefined : peakOf(subject)
  return compare(contenders, {
    title: `${subject.description}, ${batch} of them, ${name} (${driver})`,
    unit: subject.unit,
    work: subject.work * batch,
    rounds: 9,
    ...(peak === undefined ? {} : { peak }),
  })
}

/** What the device could do, if it was said. */
function peakOf({ unit, share }: PeakSubject): Peak | undefined {
  const { TOUCHSTONE_PEAK_TFLOPS, TOUCHSTONE_BANDWIDTH_GBS } = process.env
  const rate = Number(unit === 'TFLOP/s' ? TOUCHSTONE_PEAK_TFLOPS : TOUCHSTONE_BANDWIDTH_GBS)
  return share === undefined || !(rate > 0) ? undefined : { rate, target: share }
}

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
  { name, fuse, compute }: Way,
  inputs: readonly Tensor[],
): Promise<Contender> {
  const record = recorder()
  const kernels = KERNEL_FORMS.find((form) => form === process.env['TOUCHSTONE_GPU_KERNELS'])
  const a = gpuArithmetic(record, formsFor(device.report, { kernels }), fuse)
  const scope = executorOn(device, readKernelFile, WORKGROUP_SIZE).open()
  const x = inputs.map(({ data, shape }) => ({ shape, values: record.upload(Float32Array.from(data)) }))
  const mask: GpuMask | undefined = subject.mask?.(a, x)
  const kept = mask === undefined ? [] : [mask.counts, mask.columns]
  await scope.run(record.take(kept), [])
  const { values, shape } = compute(a, x, mask)
  const { dispatches } = record.take([values])
  const repeat = (times: number, words: number): Promise<ArrayBuffer[]> => {
    const some: Storage = { id: values.id, words }
    return scope.run({ uploads: [], dispatches: Array.from({ length: times }, () => dispatches).flat() }, [
      some,
    ])
  }

  const expected = onProcessor(subject, compute, inputs)
  const [found] = await repeat(1, sizeOf(shape.slice(1)))
  demandAgreement(name, new Float32Array(found), expected)
  const start = performance.now()
  await repeat(1, 1)
  const times = Math.min(MOST, Math.ceil(LONG_ENOUGH / (performance.now() - start)))
  return { name, times, run: async () => void (await repeat(times, 1)) }
}

/** The first of the batch, by the reference. */
function onProcessor(
  subject: PeakSubject,
  compute: Way['compute'],
  inputs: readonly Tensor[],
): ArrayLike<number> {
  const { rules, dense, readDense } = float32()
  const x = inputs.map(({ data }, i) => {
    const { shape } = subject.inputs[i]
    return dense(tensor(Float32Array.from(data.subarray(0, sizeOf(shape))), shape))
  })
  return readDense(compute(rules, x, subject.mask?.(rules, x))).data
}

/** Nothing is timed before it is right: half a per mille of the largest entry tells sums in another order from another thing. */
function demandAgreement(name: string, found: Float32Array, expected: ArrayLike<number>): void {
  const largest = found.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const off = found.findIndex((value, i) => !(Math.abs(value - expected[i]) <= largest / 2000))
  if (off >= 0 || found.length !== expected.length)
    throw new Error(`${name} disagrees at ${off}: ${found[off]}, not ${expected[off]}`)
}
