import type { Term } from './term.ts'

/** Of what narrow formats round, and what is flushed. */
export const RESULTS_TERMS: readonly Term[] = [
  [
    'product before its bias',
    'bounded/results',
    'stepError(format, product(i), within(i), profile.rounding)',
    '0.5 * stepError(format, product(i), within(i), profile.rounding)',
  ],
  ['sum before its division', 'bounded/results', 'times * Math.max(unit', '0.5 * times * Math.max(unit'],
  ['log-softmax’s sum', 'bounded/results', '-Math.log1p(-most)', '-0.5 * Math.log1p(-most)'],
  ['log-softmax’s logarithm', 'bounded/results', 'ofSum + stepError(', 'ofSum + 0.5 * stepError('],
  ['flushed', 'bounded/flushed', '? Math.max(value, bound)', '? Math.max(0.5 * value, bound)'],
  ['result: its own', 'bounded/flushed', 'inherited + error *', 'inherited + 0.5 * error *'],
  ['result: inherited', 'bounded/flushed', 'const bound = inherited +', 'const bound = 0.5 * inherited +'],
  [
    'result: subnormal',
    'bounded/flushed',
    'error * Math.max(largest, SMALLEST_NORMAL)',
    'error * Math.max(largest, 0.5 * SMALLEST_NORMAL)',
  ],
]
