import erfc from '@stdlib/math-base-special-erfc'
import type { Tensor } from '../../../reference/tensor.ts'
import { generate, map } from '../tensors.ts'
import { normWith } from './bugs.ts'
import { NORMED } from './groups.ts'
import { config, rule, type Class, type Mutant } from './mutant.ts'

/** A LayerNorm with another denominator. */
function norm(
  id: string,
  of: Class,
  about: string,
  deviation: (squares: number, n: number, eps: number) => number,
): Mutant {
  return rule(id, of, NORMED, about, () => ({
    layerNorm: (x, weight, bias, eps) =>
      normWith(x, weight, bias, (squares, n) => deviation(squares, n, eps)),
  }))
}

function gelu(id: string, of: Class, about: string, f: (x: number) => number): Mutant {
  return rule(id, of, NORMED, about, () => ({ gelu: (x) => map(x, f) }))
}

const TANH = Math.sqrt(2 / Math.PI)

/** Abramowitz and Stegun 7.1.25: three terms, 2.5e-5 off. */
function coarseErf(x: number): number {
  const t = 1 / (1 + 0.47047 * Math.abs(x))
  const value = 1 - t * (0.3480242 + t * (-0.0958798 + t * 0.7478556)) * Math.exp(-x * x)
  return x < 0 ? -value : value
}

const filled = (x: Tensor, value: number): Tensor => generate(x, x.shape, () => value)

/** Bugs of LayerNorm and GELU, wherever they stand. */
export const normMutants: readonly Mutant[] = [
  config(
    'other-eps',
    'medium',
    NORMED,
    'ε is 1e-5 where it should be 1e-6, or the other way round.',
    ({ eps }) => ({
      eps: eps === 1e-5 ? 1e-6 : 1e-5,
    }),
  ),
  config('no-eps', 'medium', NORMED, 'ε is left out.', () => ({ eps: 0 })),
  config('eps-1e-12', 'medium', NORMED, 'ε is 1e-12, as in BERT.', () => ({ eps: 1e-12 })),
  norm(
    'eps-outside',
    'medium',
    'ε is added to the deviation, outside the root.',
    (squares, n, eps) => Math.sqrt(squares / n) + eps,
  ),
  norm('eps-squared', 'medium', 'ε² is added in place of ε.', (squares, n, eps) =>
    Math.sqrt(squares / n + eps * eps),
  ),
  norm('unbiased-variance', 'medium', 'the variance is divided by C − 1.', (squares, n, eps) =>
    Math.sqrt(squares / Math.max(1, n - 1) + eps),
  ),
  norm(
    'no-root',
    'gross',
    'divided by the variance, not by its root.',
    (squares, n, eps) => squares / n + eps,
  ),
  norm('mean-absolute', 'gross', 'divided by 1: only the mean is taken off.', () => 1),
  rule('no-centring', 'gross', NORMED, 'RMSNorm: the mean is not taken off.', () => ({
    layerNorm: (x, weight, bias, eps) => {
      const n = x.shape.at(-1) ?? 1
      return map(x, (value, i) => {
        const start = i - (i % n)
        let squares = 0
        for (let j = start; j < start + n; j++) squares += x.data[j] ** 2
        return (value / Math.sqrt(squares / n + eps)) * weight.data[i % n] + bias.data[i % n]
      })
    },
  })),
  rule('no-norm-gain', 'gross', NORMED, 'the weight of LayerNorm is not applied.', ({ layerNorm }) => ({
    layerNorm: (x, weight, bias, eps) => layerNorm(x, filled(weight, 1), bias, eps),
  })),
  rule('no-norm-bias', 'gross', NORMED, 'the bias of LayerNorm is not applied.', ({ layerNorm }) => ({
    layerNorm: (x, weight, bias, eps) => layerNorm(x, weight, filled(bias, 0), eps),
  })),
  norm(
    'rsqrt-12-bits',
    'medium',
    'rsqrt is the machine’s estimate of 12 bits, not refined.',
    (squares, n, eps) => Math.sqrt(squares / n + eps) * (1 + 2 ** -12),
  ),
  norm(
    'rsqrt-18-bits',
    'subtle',
    'rsqrt is 2⁻¹⁸ off: one step of refinement, from a poor estimate.',
    (squares, n, eps) => Math.sqrt(squares / n + eps) * (1 + 2 ** -18),
  ),

  gelu(
    'tanh-gelu',
    'medium',
    'GELU by its tanh approximation.',
    (x) => 0.5 * x * (1 + Math.tanh(TANH * (x + 0.044715 * x ** 3))),
  ),
  gelu('sigmoid-gelu', 'medium', 'GELU as x·σ(1.702x).', (x) => x / (1 + Math.exp(-1.702 * x))),
  gelu('silu', 'gross', 'SiLU in place of GELU.', (x) => x / (1 + Math.exp(-x))),
  gelu('gelu-clamped', 'medium', 'GELU is x above 2 and 0 below −2.', (x) =>
    x > 2 ? x : x < -2 ? 0 : 0.5 * x * erfc(-x * Math.SQRT1_2),
  ),
  gelu(
    'coarse-erf',
    'subtle',
    'erf by three terms of Abramowitz and Stegun 7.1.25, 2.5e-5 off.',
    (x) => 0.5 * x * (1 + coarseErf(x * Math.SQRT1_2)),
  ),
  gelu(
    'root-half-of-4-digits',
    'subtle',
    '1/√2 in GELU is 0.7071.',
    (x) => 0.5 * x * erfc(-x * Number(Math.SQRT1_2.toPrecision(4))),
  ),
]
