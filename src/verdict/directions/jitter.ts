import { tensor, type Tensor } from '../../../reference/tensor.ts'

const view = new Float64Array(1)
const bits = new Uint32Array(view.buffer)

/**
 * A number of mean 0 and variance 1, uniform, that `seed` and the bits of `value` decide: equal results of one operation get
 * equal noise, as identical tokens (blank patches, padding) round alike in a runtime.
 */
export function noiseOf(seed: number, value: number): number {
  view[0] = value
  let h = seed ^ Math.imul(bits[0], 0x9e3779b1) ^ Math.imul(bits[1], 0x85ebca77)
  // the finaliser "lowbias32" (Wellons, "Prospecting for hash functions", 2018)
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad)
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97)
  h ^= h >>> 15
  return ((h >>> 0) / 2 ** 32 - 0.5) * Math.sqrt(12)
}

/** A seed for each call of each draw. */
export function mix(seed: number, index: number): number {
  return Math.imul(seed + 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)
}

/** `v` with independent noise of standard deviation `sd` added to each element that is finite. */
export function jitter(v: Tensor, seed: number, sd: (index: number) => number): Tensor {
  const out = new Float64Array(v.size)
  for (let i = 0; i < out.length; i++) out[i] = jittered(v.data[i], seed, sd(i))
  return tensor(out, v.shape)
}

/** One element of it. */
export function jittered(x: number, seed: number, sd: number): number {
  return Number.isFinite(x) ? x + sd * noiseOf(seed, x) : x
}
