import type { Term } from './term.ts'

/** Of the functions and formats of a profile. */
export const FUNCTIONS_TERMS: readonly Term[] = [
  ['u', 'profile/accuracy', '? 2 ** -24', '? 2 ** -25'],
  ['γ', 'profile/accuracy', 'relative(n * u)', 'relative(0.5 * n * u)'],
  ['exp', 'profile/accuracy', '(functions.exp.ulp + ', '(0.5 * functions.exp.ulp + '],
  [
    'exp by its argument',
    'profile/accuracy',
    '+ functions.exp.ulpPerUnit * x',
    '+ 0.5 * functions.exp.ulpPerUnit * x',
  ],
  ['log', 'profile/accuracy', 'relative(functions.log.ulp', 'relative(0.5 * functions.log.ulp'],
  [
    'log near one',
    'profile/accuracy',
    'Math.max(functions.log.nearOne',
    'Math.max(0.5 * functions.log.nearOne',
  ],
  ['division', 'profile/accuracy', 'relative(division + u)', 'relative(0.5 * division + u)'],
  ['division’s product', 'profile/accuracy', 'relative(division + u)', 'relative(division + 0.5 * u)'],
  ['inverse root', 'profile/accuracy', 'relative(root + 2', 'relative(0.5 * root + 2'],
  ['inverse root by division', 'profile/accuracy', 'root + 2 * division', 'root + division'],
  ['erf', 'profile/accuracy', 'functions.erf.absolute', '0.5 * functions.erf.absolute'],
  [
    'constant',
    'profile/accuracy',
    'Math.max(root, division + u) + u',
    '0.5 * Math.max(root, division + u) + u',
  ],
  [
    'constant’s rounding',
    'profile/accuracy',
    'Math.max(root, division + u) + u',
    'Math.max(root, division + u) + 0.5 * u',
  ],
  ['format', 'profile/accuracy', 'Math.max(unit * magnitude', 'Math.max(0.5 * unit * magnitude'],
  ['format’s step', 'profile/accuracy', '? step / 2 : 0', '? step / 4 : 0'],
  ['result’s format', 'profile/accuracy', '? step / 2 : step', '? step / 4 : step'],
  [
    'constant’s format',
    'profile/accuracy',
    'Math.max(error(k), divisor',
    'Math.max(0.5 * error(k), 0 * divisor',
  ],
]
