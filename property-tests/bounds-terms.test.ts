import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import type { boundedOf } from '../src/verdict/bounded/arithmetic.ts'
import { shareOf } from './bounds-adversary.ts'
import { attacks } from './bounds-attacks.ts'

interface Bounds {
  readonly boundedOf: typeof boundedOf
}

const verdict = new URL('../src/verdict/', import.meta.url)
const files = [
  'profile/accuracy',
  'bounded/arithmetic',
  'bounded/choice',
  'bounded/elementwise',
  'bounded/exponents',
  'bounded/flushed',
  'bounded/layer-norm',
  'bounded/products',
  'bounded/reductions',
  'bounded/results',
  'bounded/softmax',
  'bounded/stepwise',
  'bounded/stepwise-gelu',
  'bounded/stepwise-layer-norm',
  'bounded/stepwise-softmax',
  'bounded/storing',
] as const

const folder = mkdtempSync(join(tmpdir(), 'bounds-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The bounded arithmetic with one text of its source replaced, which must stand there once. */
async function weakened(
  name: string,
  file: (typeof files)[number],
  from: string,
  to: string,
): Promise<Bounds> {
  const place = (path: string): string => join(folder, `${name}-${path.replace('/', '-')}.ts`)
  for (const path of files) {
    const url = new URL(`${path}.ts`, verdict)
    let text = readFileSync(url, 'utf8')
    if (path === file) {
      const [before, ...rest] = text.split(from)
      if (rest.length !== 1) throw new Error(`"${from}" stands ${rest.length} times in ${path}.ts`)
      text = `${before}${to}${rest.join('')}`
    }
    const moved = text.replaceAll(/from '(\.[^']+)'/g, (_, imported: string) => {
      const target = new URL(imported, url)
      const own = files.find((other) => new URL(`${other}.ts`, verdict).href === target.href)
      return `from '${own === undefined ? target.pathname : place(own)}'`
    })
    writeFileSync(place(path), moved)
  }
  return (await import(pathToFileURL(place('bounded/arithmetic')).href)) as Bounds
}

/**
 * Every term of every bound: where it stands, and the same with half of it. Three are missing, which other terms always outweigh, and
 * that are there for rigour: an exponent's argument moved by the logits' own errors, the rescalings' products in log-softmax, and what
 * flushing takes from a mean or variance.
 * Of what is written out, float32's own roundings are missing, of which the format's are hundreds of times as large; what makes a root too small, which
 * moves y less than the same above; the rounding of ε; and squares of what is inherited, where the bound without steps is no smaller.
 */
const terms: readonly (readonly [name: string, file: (typeof files)[number], from: string, to: string])[] = [
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
  [
    'product before its bias',
    'bounded/results',
    'stepError(format, product(i), within(i), profile.rounding)',
    '0.5 * stepError(format, product(i), within(i), profile.rounding)',
  ],
  ['sum before its division', 'bounded/results', 'times * Math.max(unit', '0.5 * times * Math.max(unit'],
  ['log-softmax’s sum', 'bounded/results', '-Math.log1p(-most)', '-0.5 * Math.log1p(-most)'],
  ['log-softmax’s logarithm', 'bounded/results', 'ofSum + stepError(', 'ofSum + 0.5 * stepError('],
  ['scaled factor’s results', 'bounded/products', 'k === 1 ? b : narrowed(profile, results, x.v, b, k)', 'b'],
  ['folded: narrow constants', 'bounded/products', 'Math.max(whole, compose(root, root))', 'root'],

  ['flushed', 'bounded/flushed', '? Math.max(value, bound)', '? Math.max(0.5 * value, bound)'],
  ['result: its own', 'bounded/flushed', 'inherited + error *', 'inherited + 0.5 * error *'],
  ['result: inherited', 'bounded/flushed', 'const bound = inherited +', 'const bound = 0.5 * inherited +'],
  [
    'result: subnormal',
    'bounded/flushed',
    'error * Math.max(largest, SMALLEST_NORMAL)',
    'error * Math.max(largest, 0.5 * SMALLEST_NORMAL)',
  ],

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
  [
    'layerNorm: mean inherited',
    'bounded/layer-norm',
    'const ofMean = inherited +',
    'const ofMean = 0.5 * inherited +',
  ],
  [
    'layerNorm: averaging',
    'bounded/layer-norm',
    'const averaging = compose(gamma(n - 1), divide)',
    'const averaging = 0.5 * compose(gamma(n - 1), divide)',
  ],
  [
    'layerNorm: averaging, division',
    'bounded/layer-norm',
    'averaging = compose(gamma(n - 1), divide)',
    'averaging = compose(gamma(n - 1), 0.5 * divide)',
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
    'bounded/layer-norm',
    'compose(gamma(n), divide) *',
    '0.5 * compose(gamma(n), divide) *',
  ],
  ['layerNorm: one pass, mean', 'bounded/layer-norm', '(2 * largestMean', '(largestMean'],
  [
    'layerNorm: one pass, mean’s square',
    'bounded/layer-norm',
    'u * (largestMean + averaging)',
    '0.5 * u * (largestMean + averaging)',
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

  ...(
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
  }),
]

test.each(terms)('half of it is too little: %s', async (name, file, from, to) => {
  const bounds = await weakened(String(terms.findIndex(([other]) => other === name)), file, from, to)
  const largest = Math.max(
    ...attacks.map((attack) => shareOf(bounds.boundedOf(attack.profile).rules, attack)),
  )
  expect(largest).toBeGreaterThan(1 + 1e-5)
})
