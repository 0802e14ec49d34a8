import type { Tensor } from '../../../reference/tensor.ts'

/** What `f` gives of a tensor, worked out once: weights meet the same questions in every product they enter. */
export function once<R>(f: (x: Tensor) => R): (x: Tensor) => R {
  const results = new WeakMap<Tensor, { readonly result: R }>()
  return (x) => {
    let known = results.get(x)
    if (known === undefined) results.set(x, (known = { result: f(x) }))
    return known.result
  }
}

/** Whether every element is 0. */
export const isZero: (x: Tensor) => boolean = once(({ data }) => {
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) return false
  return true
})
