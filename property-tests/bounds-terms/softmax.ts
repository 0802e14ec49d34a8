import type { Term } from './term.ts'

/** Of softmax, and of softmax by its logarithm. */
export const SOFTMAX_TERMS: readonly Term[] = [
  ['softmax: shift', 'bounded/exponents', 'u * most', '0.5 * u * most'],
  [
    'softmax: rescaling',
    'bounded/exponents',
    'onlineRescales * accuracy.exp(0)',
    '0.5 * onlineRescales * accuracy.exp(0)',
  ],
  [
    'softmax: not shifted',
    'bounded/exponents',
    '? logFactor(accuracy.exp(',
    '? 0.5 * logFactor(accuracy.exp(',
  ],
  ['softmax: up', 'bounded/softmax', 'max + error)', 'max + error - 0.5 * inherited[at])'],
  ['softmax: up, exp', 'bounded/softmax', 'max + error)', 'max + error - 0.5 * rescaled[at])'],
  ['softmax: down', 'bounded/softmax', 'max - error)', 'max - error + 0.5 * inherited[at])'],
  ['softmax: down, exp', 'bounded/softmax', 'max - error)', 'max - error + 0.5 * rescaled[at])'],
  ['softmax: numerators anew', 'bounded/softmax', 'if (eta !== etaInSum)', 'if (eta > etaInSum)'],
  ['softmax: roundings', 'bounded/softmax', 'accuracy.gamma(n', '0.5 * accuracy.gamma(n'],
  [
    'softmax: rescalings’ products',
    'bounded/softmax',
    '2 * profile.rewrites.onlineRescales',
    'profile.rewrites.onlineRescales',
  ],
  ['softmax: division', 'bounded/softmax', 'accuracy.divide)', '0.5 * accuracy.divide)'],
  [
    'softmax: flushed',
    'bounded/softmax',
    '(expFlush + accuracy.exp(104)',
    '(0.5 * expFlush + accuracy.exp(104)',
  ],
  ['softmax: subnormal', 'bounded/softmax', '+ accuracy.exp(104) *', '+ 0.5 * accuracy.exp(104) *'],
  [
    'softmax by logarithm: near one',
    'bounded/softmax',
    'Math.max(accuracy.log(1)',
    'Math.max(0.5 * accuracy.log(1)',
  ],
  [
    'softmax by logarithm: logarithm',
    'bounded/softmax',
    'accuracy.log(Math.exp(Math.min(700, logarithm)))',
    '0.5 * accuracy.log(Math.exp(Math.min(700, logarithm)))',
  ],
  [
    'softmax by logarithm: not shifted',
    'bounded/softmax',
    'unshifted ? Math.max(l',
    'unshifted ? Math.max(0.5 * l',
  ],
  [
    'softmax by logarithm: taken',
    'bounded/softmax',
    'log + rounding(l + log)',
    'log + 0.5 * rounding(l + log)',
  ],
  [
    'softmax by logarithm: base 2',
    'bounded/softmax',
    'gamma(2) * (Math.abs(z)',
    '0.5 * gamma(2) * (Math.abs(z)',
  ],
  [
    'softmax by logarithm: difference',
    'bounded/softmax',
    'inBase2 + rounding(largest)',
    'inBase2 + 0.5 * rounding(largest)',
  ],
  [
    'softmax by logarithm: exp',
    'bounded/softmax',
    'logFactor(accuracy.exp(largest + carried))',
    '0.5 * logFactor(accuracy.exp(largest + carried))',
  ],
  [
    'softmax by logarithm: narrow sum',
    'bounded/softmax',
    'logFactor(narrow(leastSum) / leastSum)',
    '0.5 * logFactor(narrow(leastSum) / leastSum)',
  ],
  [
    'softmax by logarithm: narrow logarithm',
    'bounded/softmax',
    '    narrow(logarithm)',
    '    0.5 * narrow(logarithm)',
  ],
]
