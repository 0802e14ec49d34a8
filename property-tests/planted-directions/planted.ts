import type { Arithmetic } from '../../reference/arithmetic.ts'
import type { FullKinds } from '../../reference/float32/index.ts'
import { tensor, type Tensor } from '../../reference/tensor.ts'
import type { SampleOptions } from '../../src/catalogue/sample.ts'

type Rules = Arithmetic<FullKinds>

/** A bug written by hand, sharing nothing with the catalogue of directions. */
export interface Planted {
  readonly equation: string
  readonly bug: string
  readonly id: string
  readonly options?: SampleOptions
  readonly rules: (base: Rules) => Partial<Rules>
  /** Whether its direction is one of an average, what each rounding loses, so that β need not be 1. */
  readonly onAverage?: boolean
  readonly outputsAlone?: boolean
}

export const layer: SampleOptions = {
  sizes: { C: 12, rC: 24 },
  config: { heads: 3 },
  lead: [2],
  has: (name) => !name.startsWith('param.layer_scale'),
}

/** The equations that are a layer. */
export const LAYERS: readonly string[] = ['stvit/eq1', 'stvit/eq2', 'stvit/eq6']

export function map(x: Tensor, change: (value: number, index: number) => number): Tensor {
  return tensor(Float32Array.from(x.data, change), x.shape)
}

export function rowsOf(x: Tensor, change: (row: number[]) => number[]): Tensor {
  const width = x.shape.at(-1) ?? 1
  const out = new Float32Array(x.size)
  for (let start = 0; start < x.size; start += width) {
    out.set(change([...x.data.subarray(start, start + width)]), start)
  }
  return tensor(out, x.shape)
}

export function toBfloat16(x: number): number {
  const bits = new Uint32Array(1)
  const float = new Float32Array(bits.buffer)
  float[0] = x
  bits[0] = (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) & 0xffff0000
  return float[0]
}
