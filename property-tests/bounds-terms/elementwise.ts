import type { Term } from './term.ts'

/** Of sums, products and functions element by element. */
export const ELEMENTWISE_TERMS: readonly Term[] = [
  [
    'sum: first',
    'bounded/elementwise',
    't.add(operand(x), operand(y))',
    't.add(t.scale(operand(x), 0.5), operand(y))',
  ],
  [
    'sum: second',
    'bounded/elementwise',
    't.add(operand(x), operand(y))',
    't.add(operand(x), t.scale(operand(y), 0.5))',
  ],
  [
    'product: from y',
    'bounded/elementwise',
    't.multiply(magnitude(x.v), fromY)',
    't.multiply(t.scale(magnitude(x.v), 0.5), fromY)',
  ],
  [
    'product: from x',
    'bounded/elementwise',
    't.multiply(fromX, largest)',
    't.multiply(t.scale(fromX, 0.5), largest)',
  ],
  [
    'product: of both',
    'bounded/elementwise',
    't.add(magnitude(y.v), fromY)',
    't.add(magnitude(y.v), t.scale(fromY, 0.5))',
  ],
  [
    'weigh: from x',
    'bounded/elementwise',
    'inherited = weight * fromX.data[i]',
    'inherited = 0.5 * weight * fromX.data[i]',
  ],
  ['weigh: from w', 'bounded/elementwise', '+ bound * (Math.abs(x.v', '+ 0.5 * bound * (Math.abs(x.v'],
  [
    'weigh: of both',
    'bounded/elementwise',
    '(Math.abs(x.v.data[i]) + fromX.data[i])',
    '(Math.abs(x.v.data[i]) + 0.5 * fromX.data[i])',
  ],
  ['scale: inherited', 'bounded/elementwise', 'k * inherited[i], error', '0.5 * k * inherited[i], error'],
  [
    'scale: constant',
    'bounded/elementwise',
    'compose(accuracy.constant, u, ',
    'compose(0.5 * accuracy.constant, u, ',
  ],
  [
    'scale: rounding',
    'bounded/elementwise',
    'compose(accuracy.constant, u, ',
    'compose(accuracy.constant, 0.5 * u, ',
  ],
  ['scale: folded', 'bounded/elementwise', 'Math.max(direct, folded[i])', 'direct'],
  ['exp: inherited', 'bounded/elementwise', 'value * Math.expm1(bound)', '0.5 * value * Math.expm1(bound)'],
  [
    'exp: much inherited',
    'bounded/elementwise',
    'Math.exp(z + bound) - value',
    '0.5 * Math.exp(z + bound) - value',
  ],
  [
    'exp: at the far end',
    'bounded/elementwise',
    'accuracy.exp(Math.abs(z) + bound)',
    'accuracy.exp(Math.abs(z))',
  ],
  ['gelu: slope', 'bounded/elementwise', 'slope * bound +', '0.5 * slope * bound +'],
  ['gelu: curvature', 'bounded/elementwise', '+ HALF_CURVATURE * bound', '+ 0.5 * HALF_CURVATURE * bound'],
  ['gelu: steepest', 'bounded/elementwise', 'STEEPEST * bound)', '0.5 * STEEPEST * bound)'],
  ['gelu: argument', 'bounded/elementwise', 'const argument = eta', 'const argument = 0.5 * eta'],
  [
    'gelu: argument’s product',
    'bounded/elementwise',
    'Math.max(twice, compose(accuracy.divide, u))',
    'twice / 2',
  ],
  ['gelu: erf', 'bounded/elementwise', '(accuracy.erf + 5 * u)', '(0.5 * accuracy.erf + 5 * u)'],
  ['gelu: erf’s roundings', 'bounded/elementwise', '(accuracy.erf + 5 * u)', '(accuracy.erf + 2.5 * u)'],
  ['gelu: roundings', 'bounded/elementwise', 'twice, flush)', 'u, flush)'],
]
