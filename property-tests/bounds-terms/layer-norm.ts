import type { Term } from './term.ts'

/** Of LayerNorm. */
export const LAYER_NORM_TERMS: readonly Term[] = [
  [
    'layerNorm: mean inherited',
    'bounded/layer-norm',
    'const ofMean = inherited +',
    'const ofMean = 0.5 * inherited +',
  ],
  [
    'layerNorm: averaging',
    'bounded/moments',
    'averaging: compose(gamma(n - 1), divide)',
    'averaging: 0.5 * compose(gamma(n - 1), divide)',
  ],
  [
    'layerNorm: averaging, division',
    'bounded/moments',
    'averaging: compose(gamma(n - 1), divide)',
    'averaging: compose(gamma(n - 1), 0.5 * divide)',
  ],
  ['layerNorm: variance inherited', 'bounded/layer-norm', 'linear += (2 *', 'linear += (1 *'],
  [
    'layerNorm: variance inherited, squares',
    'bounded/layer-norm',
    'quadratic += (B[i]',
    'quadratic += 0.5 * (B[i]',
  ],
  [
    'layerNorm: two passes',
    'bounded/layer-norm',
    'compose(gamma(n + 2), divide)',
    '0.5 * compose(gamma(n + 2), divide)',
  ],
  [
    'layerNorm: two passes, division',
    'bounded/layer-norm',
    'compose(gamma(n + 2), divide)',
    'compose(gamma(n + 2), 0.5 * divide)',
  ],
  [
    'layerNorm: one pass, squares',
    'bounded/moments',
    'compose(gamma(n), divide) *',
    '0.5 * compose(gamma(n), divide) *',
  ],
  ['layerNorm: one pass, mean', 'bounded/moments', '(2 * largest +', '(largest +'],
  [
    'layerNorm: one pass, mean’s square',
    'bounded/moments',
    'u * (largest + averaging)',
    '0.5 * u * (largest + averaging)',
  ],
  ['layerNorm: var + ε', 'bounded/layer-norm', '+ u * t) / t', '+ 0.5 * u * t) / t'],
  [
    'layerNorm: root, above',
    'bounded/layer-norm',
    'compose(larger, accuracy',
    'compose(0.5 * larger, accuracy',
  ],
  [
    'layerNorm: root, below',
    'bounded/layer-norm',
    'compose(smaller, accuracy',
    'compose(0.5 * smaller, accuracy',
  ],
  ['layerNorm: difference', 'bounded/layer-norm', 'bounds[c] + ofMean, u', '0.5 * (bounds[c] + ofMean), u'],
  [
    'layerNorm: difference’s rounding',
    'bounded/layer-norm',
    'bounds[c] + ofMean, u',
    'bounds[c] + ofMean, 0.5 * u',
  ],
  ['layerNorm: x·r·g', 'bounded/layer-norm', 'twice * X', '0.5 * twice * X'],
  ['layerNorm: μ·r·g', 'bounded/layer-norm', 'thrice * M', '0.5 * thrice * M'],
  ['layerNorm: β folded', 'bounded/layer-norm', '+ u * (beta', '+ 0.5 * u * (beta'],
  ['layerNorm: two products', 'bounded/layer-norm', 'g * twice', 'g * u'],
  ['layerNorm: gain', 'bounded/layer-norm', 'd * r * fromWeight[c]', '0.5 * d * r * fromWeight[c]'],
  ['layerNorm: bias', 'bounded/layer-norm', '+ fromBias[c] + rounding', '+ 0.5 * fromBias[c] + rounding'],
  ['layerNorm: gain flushed in one part', 'bounded/layer-norm', 'Math.max(X, M)', '0.5 * Math.max(X, M)'],
  ['layerNorm: gain flushed', 'bounded/layer-norm', '? X + M : 0', '? 0.5 * (X + M) : 0'],
]
