import { tensor, type Tensor } from '../../reference/tensor.ts'

/** The same shape with other values: what a planted bug makes of a tensor. */
export function map(x: Tensor, f: (value: number, index: number) => number): Tensor {
  return tensor(Float32Array.from(x.data, f), x.shape)
}

/** Cut to bfloat16 (eight bits of mantissa), toward zero. */
export function inBfloat16(x: Tensor): Tensor {
  const bits = new Uint32Array(Float32Array.from(x.data).buffer)
  return tensor(new Float32Array(bits.map((word) => word & 0xffff0000).buffer), x.shape)
}
