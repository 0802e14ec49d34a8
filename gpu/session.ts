import type { Intake, MaskArray, Value } from '../reference/evaluator.ts'
import { sizeOf, tensor, type Shape } from '../reference/tensor.ts'
import type { Exposed } from '../src/arithmetics/recording.ts'
import type { Forms } from './arithmetic/forms.ts'
import { gpuArithmetic, type GpuDense, type GpuKinds, type GpuMask } from './arithmetic/index.ts'
import { wholeRows } from './arithmetic/sparse.ts'
import type { Scope } from './executor.ts'
import { recorder, type Recorder, type Storage } from './program.ts'

/** A computation on the device: tensors go in, primitives write down what to do, reading has it done. */
export interface GpuSession extends Intake<GpuKinds> {
  /** What was recorded, run in one submit, and the values of `exposed`. */
  read(exposed: readonly Exposed<GpuKinds>[]): Promise<Value[]>
  /** Gives back the memory of every tensor of this session. */
  close(): void
}

/** A session over a scope of the device; with `fuse`, composites of which only the result is read are such kernels. */
export function sessionIn(scope: Scope, forms: Forms, fuse: boolean): GpuSession {
  const intake = recordingIntake(forms, fuse)
  return {
    ...intake,
    async read(exposed) {
      const storages = exposed.map((one) => storageOf(intake.record, forms, one))
      const found = await scope.run(intake.record.take(storages), storages)
      return exposed.map((one, i) => valueOf(one, found[i]))
    },
    close: () => scope.close(),
  }
}

/** The arithmetic with the ways in, over a recorder of its own. */
function recordingIntake(forms: Forms, fuse: boolean): Intake<GpuKinds> & { readonly record: Recorder } {
  const record = recorder()
  const rules = gpuArithmetic(record, forms, fuse)
  const dense = ({ data, shape }: { data: Float32Array | Float64Array; shape: Shape }): GpuDense => ({
    shape,
    values: record.upload(data instanceof Float32Array ? data : new Float32Array(data)),
  })
  return {
    name: 'gpu',
    record,
    rules,
    dense,
    sparse: (x) => rules.compress(dense(x)),
    mask: (mask) => maskOf(record, mask),
  }
}

/** The storage that `valueOf` wants, whole rows for what is sparse. */
function storageOf(record: Recorder, forms: Forms, exposed: Exposed<GpuKinds>): Storage {
  switch (exposed.kind) {
    case 'dense':
      return exposed.x.values
    case 'sparse':
      return wholeRows(record, forms, exposed.x.pattern, exposed.x.values)
    case 'mask':
      return wholeRows(record, forms, exposed.x)
  }
}

/** What was read back, as it leaves an arithmetic. */
function valueOf(exposed: Exposed<GpuKinds>, words: ArrayBuffer): Value {
  switch (exposed.kind) {
    case 'dense':
      return { kind: 'dense', tensor: tensor(new Float32Array(words), exposed.x.shape) }
    case 'sparse':
      return { kind: 'dense', tensor: tensor(new Float32Array(words), exposed.x.pattern.shape) }
    case 'mask':
      return { kind: 'mask', mask: { shape: exposed.x.shape, data: Uint8Array.from(new Uint32Array(words)) } }
  }
}

/** A mask given from outside: as much room a row as its fullest row needs. */
function maskOf(record: Recorder, { shape, data }: MaskArray): GpuMask {
  const m = shape.at(-1) ?? 1
  const rows = sizeOf(shape) / m
  const counts = new Uint32Array(rows)
  for (const [place, byte] of data.entries()) if (byte !== 0) counts[Math.floor(place / m)]++
  const capacity = counts.reduce((most, count) => Math.max(most, count), 1)
  const columns = new Uint32Array(rows * capacity)
  for (let row = 0; row < rows; row++) {
    let e = row * capacity
    for (let column = 0; column < m; column++) if (data[row * m + column] !== 0) columns[e++] = column
  }
  return { shape, capacity, counts: record.upload(counts), columns: record.upload(columns) }
}
