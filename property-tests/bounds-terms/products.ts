import type { Term } from './term.ts'

/** Of matrix products, linear layers and convolutions. */
export const PRODUCTS_TERMS: readonly Term[] = [
  ['scaled factor’s results', 'bounded/products', 'k === 1 ? b : narrowed(profile, results, x.v, b, k)', 'b'],
  ['folded: narrow constants', 'bounded/products', 'Math.max(whole, compose(root, root))', 'root'],
  ['product: inherited', 'bounded/products', '(1 + g) * bounds[i]', '0.5 * (1 + g) * bounds[i]'],
  ['product: roundings', 'bounded/products', 'g * Math.abs(data[i])', '0.5 * g * Math.abs(data[i])'],
  [
    'product: roundings, both known',
    'bounded/products',
    'scale(magnitudes(), g)',
    'scale(magnitudes(), 0.5 * g)',
  ],
  [
    'product: roundings, neither known',
    'bounded/products',
    'g * (products[i] + carried)',
    '0.5 * g * (products[i] + carried)',
  ],
  ['product: bias’s rounding', 'bounded/products', '? n : n + 1', '? n : n'],
  ['product: bias', 'bounded/products', '(1 + g) * ofBias', '0.5 * (1 + g) * ofBias'],
  ['product: bias among the terms', 'bounded/products', 'g * size', '0.5 * g * size'],
  ['product: flushed', 'bounded/products', 'm * tiny', '0.5 * m * tiny'],
  [
    'product: subnormal',
    'bounded/products',
    'flush + u * SMALLEST_NORMAL',
    'flush + 0.5 * u * SMALLEST_NORMAL',
  ],
  ['product: flushed factor', 'bounded/products', 'asOperand(x, flush / Math.min(1, k))', 'x.b'],
  ['product: flushed scaled factor', 'bounded/products', 'flush / Math.min(1, k)', 'flush'],
  [
    'product: scaled factor’s format',
    'bounded/products',
    'error(k * size) / k',
    '(0.5 * error(k * size)) / k',
  ],
  ['folded: roundings', 'bounded/products', 'gamma(m + 2)', 'gamma(m + 1)'],
  ['folded: flushed', 'bounded/products', 'm * (tiny', '0.5 * m * (tiny'],
  ['folded: constant', 'bounded/products', 'C * Math.abs', '0.5 * C * Math.abs'],
  ['folded: constants', 'bounded/products', 'compose(constant, constant, ', 'compose(constant, '],
  ['known y', 'bounded/products', 'within(x, g)', 'within({ ...x, b: t.scale(x.b, 0.5) }, g)'],
  ['known x', 'bounded/products', 'within(y, g)', 'within({ ...y, b: t.scale(y.b, 0.5) }, g)'],
  ['neither known', 'bounded/products', 'largestOf(y)', 'largestOf({ ...y, b: t.scale(y.b, 0.5) })'],
]
