import type { Gpu } from '../gpu/index.ts'
import { sizeOf, tensor, type Shape, type Tensor } from '../reference/tensor.ts'
import type { Random } from '../src/random.ts'
import type { Clock, Settings } from './suite.ts'

/** A comparison of runs on a GPU. Unless told, one in software is timed by what it takes of the processor. */
export function settingsFor(
  description: string,
  { report }: Gpu,
  clock: Clock = report.fallback ? 'processor' : 'wall',
): Omit<Settings, 'rounds'> {
  const title = `${description}, ${report.name} (${report.driver}), ${clock} time`
  return { title, unit: 'runs/s', work: 1, clock }
}

/** Weights and tokens of unit variance; the inner extent takes care of itself. */
export function normals(stream: Random, shape: Shape): Tensor {
  const spread = shape.length === 2 ? 1 / Math.sqrt(shape[1]) : 1
  return tensor(
    Float32Array.from({ length: sizeOf(shape) }, () => spread * stream.normal()),
    shape,
  )
}
