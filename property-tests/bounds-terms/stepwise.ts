import type { Term } from './term.ts'

/** Of LayerNorm, GELU and softmax written out, each step stored. */
export const STEPWISE_TERMS: readonly Term[] = (
  [
    ['stored sum of a mean', 'storing', '(share * stepAt(', '(0.5 * share * stepAt('],
    ['divisor of a mean', 'storing', '+ narrowConstant(1 / n)', '+ 0.5 * narrowConstant(1 / n)'],
    ['stored mean', 'storing', '+ one(most', '+ 0.5 * one(most'],
    [
      'layerNorm: mean inherited',
      'layer-norm',
      'const ofMean = inherited +',
      'const ofMean = 0.5 * inherited +',
    ],
    ['layerNorm: variance inherited', 'layer-norm', 'linear += (2 *', 'linear += (1 *'],
    [
      'layerNorm: difference',
      'layer-norm',
      'const off = difference + H(',
      'const off = difference + 0.5 * H(',
    ],
    ['layerNorm: differences squared', 'layer-norm', 'crossed += (2 *', 'crossed += (1 *'],
    ['layerNorm: squares', 'layer-norm', 'ofSquares += H', 'ofSquares += 0.5 * H'],
    ['layerNorm: mean squared', 'layer-norm', '+ (E + Math', '+ 0.5 * (E + Math'],
    ['layerNorm: variance, above', 'layer-norm', 'down - stored', 'down - 0.5 * stored'],
    ['layerNorm: var + ε, above', 'layer-norm', 'lowest - H', 'lowest - 0.5 * H'],
    ['layerNorm: root, above', 'layer-norm', 'short - H', 'short - 0.5 * H'],
    ['layerNorm: reciprocal, above', 'layer-norm', 'largest + H', 'largest + 0.5 * H'],
    ['layerNorm: first product', 'layer-norm', 'const first = Math', 'const first = 0.5 * Math'],
    ['layerNorm: second product', 'layer-norm', '+ H(size', '+ 0.5 * H(size'],
    ['layerNorm: gain', 'layer-norm', 'd * r * fromWeight[c]', '0.5 * d * r * fromWeight[c]'],
    ['layerNorm: bias', 'layer-norm', '+ fromBias[c]', '+ 0.5 * fromBias[c]'],
    ['gelu: argument’s constant', 'gelu', 'accuracy.narrowConstant', '0.5 * accuracy.narrowConstant'],
    ['gelu: argument', 'gelu', 'Math.SQRT2 * H(', '0.5 * Math.SQRT2 * H('],
    ['gelu: erf', 'gelu', '(erf + ofErf) + last', '(erf + 0.5 * ofErf) + last'],
    ['gelu: 1 + erf', 'gelu', '0.5 * X * ofSum', '0.25 * X * ofSum'],
    ['gelu: ½x·erf', 'gelu', ', H(0.5 * X * (largest', ', 0.5 * H(0.5 * X * (largest'],
    ['gelu: subnormal half', 'gelu', '? H(0.5 * X) *', '? 0.5 * H(0.5 * X) *'],
    ['softmax: difference', 'softmax', '+ stored[at] + logFactor', '+ 0.5 * stored[at] + logFactor'],
    ['softmax: exponential, up', 'softmax', 'power + ofPower', 'power + 0.5 * ofPower'],
    ['softmax: exponential, down', 'softmax', 'power - ofPower', 'power - 0.5 * ofPower'],
    ['softmax: sum', 'softmax', 'share(low, high),', '0.5 * share(low, high),'],
    ['softmax: reciprocal', 'softmax', ', share(1 /', ', 0.5 * share(1 /'],
    ['softmax: inherited, up', 'softmax', 'max + inherited +', 'max + 0.5 * inherited +'],
    ['softmax: inherited, down', 'softmax', 'max - inherited -', 'max - 0.5 * inherited -'],
    ['log-softmax: inherited', 'softmax', 'carried = B[at]', 'carried = 0.5 * B[at]'],
    ['log-softmax: difference', 'softmax', 'B[at] + stored[at]', 'B[at] + 0.5 * stored[at]'],
    ['log-softmax: exponentials', 'softmax', '+ Math.max(short', '+ 0.5 * Math.max(short'],
  ] as const
).map(([term, file, from, to]) => {
  const path = file === 'storing' ? 'bounded/storing' : (`bounded/stepwise-${file}` as const)
  return [`in steps, ${term}`, path, from, to] as const
})
