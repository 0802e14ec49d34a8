import { pairs, type Comparator, type Compared, type Pair } from './comparator.ts'

/** |found − truth| ≤ atol + rtol·|truth| in every element. */
function tolerance(id: string, about: string, rtol: number, atol: number): Comparator {
  return { id, about, alarmed: (compared) => pairs(compared).some((pair) => outside(pair, rtol, atol)) }
}

function outside({ found, truth }: Pair, rtol: number, atol: number): boolean {
  for (let i = 0; i < truth.length; i++) {
    // torch and NumPy hold float32 against float32
    const expected = Math.fround(truth[i])
    if (found[i] === expected) continue
    if (!(Math.abs(found[i] - expected) <= atol + rtol * Math.abs(expected))) return true
  }
  return false
}

function cosine({ found, truth }: Pair): number {
  let [both, one, other] = [0, 0, 0]
  for (let i = 0; i < truth.length; i++) {
    both += found[i] * truth[i]
    one += found[i] ** 2
    other += truth[i] ** 2
  }
  if (one === 0 && other === 0) return 1
  return both / Math.sqrt(one * other)
}

const DIRECTION = 0.9999

/** The tolerances that people use. */
export const tolerances: readonly Comparator[] = [
  tolerance('assert_close', 'torch.testing.assert_close for float32: rtol 1.3e-6, atol 1e-5', 1.3e-6, 1e-5),
  tolerance('allclose', 'numpy.allclose: rtol 1e-5, atol 1e-8', 1e-5, 1e-8),
  tolerance('ONNX', 'ONNX’s backend tests: rtol 1e-3, atol 1e-7', 1e-3, 1e-7),
  tolerance('1e-3', 'rtol 1e-3, atol 1e-3', 1e-3, 1e-3),
  tolerance('1e-2', 'rtol 1e-2, atol 1e-2, as KernelBench has it', 1e-2, 1e-2),
  {
    id: 'cosine',
    about: `cosine of every output with truth at least ${DIRECTION}`,
    alarmed: (compared) => pairs(compared).some((pair) => !(cosine(pair) >= DIRECTION)),
  },
]

const largest = (n: number, value: (i: number) => number): number => {
  let most = 0
  for (let i = 0; i < n; i++) {
    const size = Math.abs(value(i))
    if (Number.isNaN(size)) return Infinity
    most = Math.max(most, size)
  }
  return most
}

/** FlashAttention’s: twice the error of the plain runtime, and what adding 0.3 and taking it off again costs. */
export const twicePlain: Comparator = {
  id: 'twice-plain',
  about:
    'FlashAttention’s: largest error at most twice that of a plain float32 runtime, plus that of adding 0.3 and taking it off',
  alarmed: (compared) =>
    pairs(compared).some(({ found, truth, plain }) => {
      const n = truth.length
      const own = largest(n, (i) => found[i] - truth[i])
      const others = largest(n, (i) => plain[i] - truth[i])
      const tiny = largest(n, (i) => {
        const value = Math.fround(truth[i])
        return Math.fround(Math.fround(value + 0.3) - 0.3) - value
      })
      return !(own <= 2 * others + tiny)
    }),
}

/** 2⁻²⁴ of Σ|terms|, TOSA’s unit of error; no less than the smallest normal number. */
const unit = (bound: number): number => Math.max(bound * 2 ** -24, 2 ** -126)

/**
 * TOSA’s conformance test of dot products (version 1.0): with errors in units of 2⁻²⁴·Σ|terms|, each at most 2K for K terms, the sum of
 * their squares over an output of T elements at most 1.6·K·T, and their sum at most the root of ten times that.
 * TOSA asks it of one operator on its own operands; here it is asked of whole equations, so K counts the terms of all
 * sums on the way, to its favour.
 */
export const tosa: Comparator = {
  id: 'TOSA',
  about:
    'TOSA’s test of dot products, on outputs that end in one: errors over Σ|terms|, their bias and their squares',
  alarmed(compared) {
    const scales = compared.scales()
    const tested = pairs(compared).filter(({ name }) => scales.has(name))
    if (tested.length === 0) return undefined
    return tested.some((pair) => tosaFails(pair, compared))
  },
}

function tosaFails({ name, found, truth }: Pair, { scales }: Compared): boolean {
  const scale = scales().get(name)
  if (scale === undefined) return false
  const { bound, terms } = scale
  let [sum, squares] = [0, 0]
  for (let i = 0; i < truth.length; i++) {
    if (bound.data[i] === 0) {
      if (found[i] !== 0) return true
      continue
    }
    const error = (found[i] - truth[i]) / unit(bound.data[i])
    if (!(Math.abs(error) <= 2 * terms)) return true
    sum += error
    squares += error * error
  }
  const most = 1.6 * terms * truth.length
  return squares > most || Math.abs(sum) > Math.sqrt(10 * most)
}
