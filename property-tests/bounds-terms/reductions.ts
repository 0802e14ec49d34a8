import type { Term } from './term.ts'

/** Of reductions and log-softmax. */
export const REDUCTIONS_TERMS: readonly Term[] = [
  [
    'sum of a row: inherited',
    'bounded/reductions',
    'const bound = inherited +',
    'const bound = 0.5 * inherited +',
  ],
  ['sum of a row: roundings', 'bounded/reductions', 'relative * total', '0.5 * relative * total'],
  ['sum of a row: flushed', 'bounded/reductions', 'bound + n * flush', 'bound + 0.5 * n * flush'],
  [
    'mean: division',
    'bounded/reductions',
    'compose(gamma(n - 1), divide)',
    'compose(gamma(n - 1), 0.5 * divide)',
  ],
  ['mean: flushed', 'bounded/reductions', 'n * (flush + divide', 'n * (0.5 * flush + divide'],
  ['mean: subnormal', 'bounded/reductions', 'divide * SMALLEST_NORMAL', '0.5 * divide * SMALLEST_NORMAL'],
  ['max pool', 'bounded/reductions', 't.add(x.v, bounds)', 't.add(x.v, t.scale(bounds, 0.5))'],
  ['log-softmax: too small', 'bounded/reductions', 'const below = B', 'const below = 0.5 * B'],
  ['log-softmax: summing', 'bounded/reductions', '+ summing + log', '+ 0.5 * summing + log'],
  ['log-softmax: log', 'bounded/reductions', '+ summing + log', '+ summing + 0.5 * log'],
  [
    'log-softmax: log not shifted',
    'bounded/reductions',
    'logErrorNear(accuracy, max + L, spread)',
    '0.5 * logErrorNear(accuracy, max + L, spread)',
  ],
  [
    'log-softmax: first difference',
    'bounded/reductions',
    'Math.max(argument[i]',
    'Math.max(0.5 * argument[i]',
  ],
  [
    'log-softmax: sum with the maximum',
    'bounded/reductions',
    'Math.abs(max + L) +',
    '0.5 * Math.abs(max + L) +',
  ],
]
