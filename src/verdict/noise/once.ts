import { sizeOf, tensor, type Shape, type Tensor } from '../../../reference/tensor.ts'

/** What `f` gives of a tensor, worked out once: weights meet the same questions in every product they enter. */
export function once<X extends object, R>(f: (x: X) => R): (x: X) => R {
  const results = new WeakMap<X, { readonly result: R }>()
  return (x) => {
    let known = results.get(x)
    if (known === undefined) results.set(x, (known = { result: f(x) }))
    return known.result
  }
}

/** The same of two tensors, worked out by whoever asks first. */
export function onceOfTwo<R extends object>(): (x: Tensor, y: Tensor, f: () => R) => R {
  const results = new WeakMap<Tensor, WeakMap<Tensor, R>>()
  return (x, y, f) => {
    const ofX = results.get(x) ?? new WeakMap<Tensor, R>()
    results.set(x, ofX)
    const result = ofX.get(y) ?? f()
    ofX.set(y, result)
    return result
  }
}

/** Whether every element is 0. */
export const isZero: (x: Tensor) => boolean = once(({ data }: Tensor) => {
  // those that `zeros` made
  if (data.buffer === nothing.buffer) return true
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) return false
  return true
})

/** What all tensors of zeros look at. */
let nothing = new Float64Array(0)

/** Zeros, not to be written to: what weights are off by, and scatter by, is as large as they are. */
export function zeros(shape: Shape): Tensor {
  const size = sizeOf(shape)
  if (nothing.length < size) nothing = new Float64Array(size)
  return tensor(nothing.subarray(0, size), shape)
}
