import type { Arithmetic, Kinds } from '../../../reference/arithmetic.ts'
import { computing } from '../legal/arithmetic.ts'
import { plain } from '../legal/choices.ts'
import { separate, sequential, type Dot } from '../legal/sums.ts'
import { map } from '../tensors.ts'
import { bf16, bits20, fp16, tf32, towardZero, type Format } from './formats.ts'
import { LAYERS, POOLING, PRODUCTS, SOFTMAX, SUMMED_LOSSES } from './groups.ts'
import {
  changed,
  isWeight,
  lastOutput,
  operands,
  rule,
  text,
  type Class,
  type Mutant,
  type Rules,
} from './mutant.ts'

type Products = Pick<
  Rules,
  'matmul' | 'matmulTransposed' | 'linear' | 'convolve' | 'sparseMatmul' | 'matmulAt' | 'sparseMatmulDense'
>

/** Every product with its operands rounded to a format first. */
function inputs(
  { matmul, matmulTransposed, linear, convolve, sparseMatmul, matmulAt, sparseMatmulDense }: Rules,
  format: Format,
): Products {
  const r = (x: Parameters<typeof map>[0]): ReturnType<typeof map> => map(x, format)
  return {
    matmul: (x, y) => matmul(r(x), r(y)),
    matmulTransposed: (x, y) => matmulTransposed(r(x), r(y)),
    linear: (x, weight, bias) => linear(r(x), r(weight), bias),
    convolve: (x, weight, bias, groups) => convolve(r(x), r(weight), bias, groups),
    sparseMatmul: (x, y) => sparseMatmul({ ...x, values: r(x.values) }, { ...y, values: r(y.values) }),
    matmulAt: (mask, x, y) => matmulAt(mask, r(x), r(y)),
    sparseMatmulDense: (x, y) => sparseMatmulDense({ ...x, values: r(x.values) }, r(y)),
  }
}

/** Sums of products, and sums, with another way of summing; functions stay. */
function summing(rules: Rules, dot: Dot, round: Format = Math.fround): Partial<Rules> {
  const { matmul, matmulTransposed, linear, convolve, sparseMatmul, matmulAt, sparseMatmulDense, sum, mean } =
    computing(rules, { ...plain, dot, round })
  return { matmul, matmulTransposed, linear, convolve, sparseMatmul, matmulAt, sparseMatmulDense, sum, mean }
}

const accumulated = (id: string, of: Class, about: string, format: Format): Mutant =>
  rule(
    id,
    of,
    [...PRODUCTS, 'sparsifiner/eq7', 'sparsifiner/eq8', 'sparsifiner/eq9', 'sparsifiner/eq11'],
    about,
    (rules) =>
      summing(
        rules,
        sequential((a, b, sum) => format(sum + a * b)),
        format,
      ),
  )

const read = (id: string, of: Class, about: string, format: Format): Mutant =>
  rule(id, of, PRODUCTS, about, (rules) => inputs(rules, format))

/** Multiplied by 1 + 2^−k in its last element, or in some columns. */
function faulty<K extends Kinds>(a: Arithmetic<K>, x: K['Dense'], factor: number): K['Dense'] {
  const shape = a.shape(x)
  const size = shape.reduce((product, extent) => product * extent, 1)
  const flat = a.reshape(x, [size])
  if (size === 1) return a.scale(x, factor)
  const last = a.scale(a.slice(flat, 0, size - 1, size), factor)
  return a.reshape(a.concat([a.slice(flat, 0, 0, size - 1), last], 0), shape)
}

function lane<K extends Kinds>(a: Arithmetic<K>, x: K['Dense'], factor: number): K['Dense'] {
  const width = a.shape(x).at(-1) ?? 1
  if (width < 4) return x
  const columns = Array.from({ length: width }, (_, j) => {
    const column = a.slice(x, -1, j, j + 1)
    return j % 8 === 3 ? a.scale(column, factor) : column
  })
  return a.concat(columns, -1)
}

/** The last output made over, dense or sparse. */
const output = (
  id: string,
  of: Class,
  equations: readonly string[],
  about: string,
  bug: <K extends Kinds>(a: Arithmetic<K>, x: K['Dense']) => K['Dense'],
): Mutant =>
  text(id, of, equations, about, (a, question) => {
    const last = lastOutput(question)
    return {
      expose: (name, x) => a.expose(name, name === last ? bug(a, x) : x),
      exposeSparse: (name, x) => a.exposeSparse(name, name === last ? a.compress(bug(a, a.expand(x))) : x),
    }
  })

const TENSORS = [
  ...LAYERS,
  'stvit/eq3',
  ...POOLING,
  'sparsifiner/eq1',
  'sparsifiner/eq2',
  'sparsifiner/eq4',
  'sparsifiner/eq5',
  'sparsifiner/eq6',
]
const EVERYWHERE = [...TENSORS, ...SUMMED_LOSSES, 'sparsifiner/eq12']
/** Where something is computed of which rounding is no exact copy. */
const stored = (
  id: string,
  of: Class,
  rule_: 'softmax' | 'gelu' | 'layerNorm' | 'add',
  equations: readonly string[],
  about: string,
  format: Format,
): Mutant =>
  rule(id, of, equations, about, (rules) => {
    switch (rule_) {
      case 'softmax':
        return {
          softmax: (x) => map(rules.softmax(x), format),
          maskedSoftmax: (mask, x) => {
            const { values, kept } = rules.maskedSoftmax(mask, x)
            return { values: map(values, format), kept }
          },
        }
      case 'gelu':
        return { gelu: (x) => map(rules.gelu(x), format) }
      case 'layerNorm':
        return { layerNorm: (x, weight, bias, eps) => map(rules.layerNorm(x, weight, bias, eps), format) }
      case 'add':
        return { add: (x, y) => map(rules.add(x, y), format) }
    }
  })

/** Terms past the last multiple of four are forgotten, as by a vector loop without its tail; nothing else is lost. */
const tailless: Dot = (a, from, b, other, n) =>
  sequential((x, y, sum) => sum + x * y)(a, from, b, other, n < 4 ? n : n - (n % 4))

/** Bugs of precision: formats, accumulation, single elements. */
export const precisionMutants: readonly Mutant[] = [
  read('inputs-in-bf16', 'medium', 'products take their operands in bfloat16.', bf16),
  read('inputs-in-fp16', 'medium', 'products take their operands in float16.', fp16),
  read('inputs-in-tf32', 'subtle', 'products take their operands in TF32.', tf32),
  ...(
    [
      ['bf16', bf16],
      ['fp16', fp16],
    ] as const
  ).map(([name, format]) =>
    operands(
      `weights-in-${name}`,
      'medium',
      [
        ...LAYERS,
        'stvit/eq3',
        ...POOLING,
        'sparsifiner/eq1',
        'sparsifiner/eq3',
        'sparsifiner/eq10',
        'sparsifiner/eq11',
      ],
      `weights are stored in ${name}.`,
      (tensors, question) =>
        changed(
          tensors,
          (tensor) => isWeight(question, tensor),
          (x) => map(x, format),
        ),
    ),
  ),
  accumulated('accumulated-in-bf16', 'medium', 'sums are kept in bfloat16.', bf16),
  accumulated('accumulated-in-fp16', 'medium', 'sums are kept in float16.', fp16),
  accumulated('accumulated-in-tf32', 'subtle', 'sums are kept in TF32.', tf32),
  rule(
    'accumulated-toward-zero',
    'subtle',
    [...PRODUCTS, ...SUMMED_LOSSES.filter((id) => !PRODUCTS.includes(id))],
    'sums are rounded toward zero.',
    (rules) => summing(rules, sequential(separate(towardZero)), towardZero),
  ),
  rule('tail-forgotten', 'gross', PRODUCTS, 'terms past the last multiple of four are not summed.', (rules) =>
    summing(rules, tailless, (x) => x),
  ),
  stored(
    'weights-of-softmax-in-fp16',
    'medium',
    'softmax',
    SOFTMAX,
    'attention weights are stored in float16.',
    fp16,
  ),
  stored(
    'weights-of-softmax-in-bf16',
    'medium',
    'softmax',
    SOFTMAX,
    'attention weights are stored in bfloat16.',
    bf16,
  ),
  stored(
    'activations-in-bf16',
    'medium',
    'gelu',
    [...LAYERS, ...POOLING],
    'what GELU gives is stored in bfloat16.',
    bf16,
  ),
  stored(
    'norm-in-fp16',
    'medium',
    'layerNorm',
    [...LAYERS, ...POOLING],
    'what LayerNorm gives is stored in float16.',
    fp16,
  ),
  stored('residual-in-bf16', 'medium', 'add', LAYERS, 'the residual stream is stored in bfloat16.', bf16),
  stored('residual-in-fp16', 'medium', 'add', LAYERS, 'the residual stream is stored in float16.', fp16),
  stored('residual-of-20-bits', 'subtle', 'add', LAYERS, 'the residual stream keeps 20 bits.', bits20),
  output('gain-2^-12', 'medium', EVERYWHERE, 'the last output is 2⁻¹² too large.', (a, x) =>
    a.scale(x, 1 + 2 ** -12),
  ),
  output('gain-2^-17', 'subtle', EVERYWHERE, 'the last output is 2⁻¹⁷ too large.', (a, x) =>
    a.scale(x, 1 + 2 ** -17),
  ),
  output('gain-2^-20', 'subtle', EVERYWHERE, 'the last output is 2⁻²⁰ too large.', (a, x) =>
    a.scale(x, 1 + 2 ** -20),
  ),
  output(
    'last-element-2^-8',
    'medium',
    TENSORS,
    'the last element of the last output is 2⁻⁸ too large.',
    (a, x) => faulty(a, x, 1 + 2 ** -8),
  ),
  output(
    'last-element-2^-14',
    'subtle',
    TENSORS,
    'the last element of the last output is 2⁻¹⁴ too large.',
    (a, x) => faulty(a, x, 1 + 2 ** -14),
  ),
  output(
    'lane-2^-15',
    'subtle',
    TENSORS,
    'one column in eight of the last output is 2⁻¹⁵ too large: 256 ULP.',
    (a, x) => lane(a, x, 1 + 2 ** -15),
  ),
  output(
    'lane-2^-18',
    'subtle',
    TENSORS,
    'one column in eight of the last output is 2⁻¹⁸ too large: 32 ULP.',
    (a, x) => lane(a, x, 1 + 2 ** -18),
  ),
  output('last-element-nan', 'gross', TENSORS, 'the last element is not a number.', (a, x) =>
    faulty(a, x, NaN),
  ),
]
