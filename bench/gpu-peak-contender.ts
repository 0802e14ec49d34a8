import { formsFor, KERNEL_FORMS, WORKGROUP_SIZE } from '../gpu/arithmetic/forms.ts'
import { gpuArithmetic, type GpuMask } from '../gpu/arithmetic/index.ts'
import type { Device } from '../gpu/device/device.ts'
import { executorOn } from '../gpu/executor.ts'
import { readKernelFile } from '../gpu/kernel-source.ts'
import { recorder, type Program, type Storage } from '../gpu/program.ts'
import { float32 } from '../reference/float32/index.ts'
import { sizeOf, tensor, type Shape, type Tensor } from '../reference/tensor.ts'
import { random } from '../src/random.ts'
import { SMOKE, type PeakSubject, type Way } from './gpu-peak-subjects.ts'
import type { Contender } from './suite.ts'

/** One submit should take about so many milliseconds, and hold no more than so many repetitions. */
const [LONG_ENOUGH, MOST] = SMOKE ? [1, 2] : [200, 200]
/** Submits handed to a GPU before the first is waited for: while one runs the next is encoded, which takes the GPU's time otherwise. */
const IN_FLIGHT = 4
/** The batch, halved until no tensor of any way is larger than a buffer of the device. */
export function largestBatch(device: Device, subject: PeakSubject): number {
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
export function tensorsFor({ name, inputs }: PeakSubject, batch: number): Tensor[] {
  const stream = random(`bench/gpu-peak/${name}`)
  const few = Float32Array.from({ length: 65_537 }, () => stream.normal())
  return inputs.map(({ shape, shared }) => {
    const whole: Shape = shared ? shape : [batch, ...shape]
    const values = new Float32Array(sizeOf(whole))
    for (let at = 0; at < values.length; at += few.length) values.set(few.subarray(0, values.length - at), at)
    return tensor(values, whole)
  })
}

/** A way of a subject on a device, right as far as the first of the batch tells. */
export async function contender(
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
  // a GPU in software has nothing to wait for; where figures mean nothing, all is tried
  const submits = device.report.fallback && !SMOKE ? 1 : IN_FLIGHT
  const run = async (): Promise<void> => {
    await Promise.all(Array.from({ length: submits }, () => repeat(times, 1)))
  }
  return { name: way.name, times: times * submits, run }
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
