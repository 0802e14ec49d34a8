import { describe, expect, test } from 'vitest'
import { sizeOf, type Shape } from '../../reference/tensor.ts'
import type { Sizes } from '../catalogue/dimensions.ts'
import { QuestionError } from '../errors.ts'
import { shapeOf } from './match-shapes.ts'
import { findEquation, knownTensors } from './names.ts'
import { fromReal, fromU8, type Dtype, type RawTensor, type TensorFile } from './raw-tensor.ts'
import { readCase, type ReadOptions } from './read-case.ts'
import { decode, encode } from './safetensors.ts'

type Tensors = Readonly<Record<string, RawTensor | undefined>>
type Metadata = Readonly<Record<string, string | undefined>>

/** A small valid case of each equation that the tests below break; all required tensors, no optional one. */
const BASES: Readonly<Record<string, { sizes: Sizes; lead?: Shape; config?: string }>> = {
  'stvit/eq1': { sizes: { Ns: 2, Ni: 3, C: 4, rC: 8 }, config: '{"heads":2}' },
  'stvit/eq2': { sizes: { Ns: 2, Ni: 3, C: 4, rC: 8 }, lead: [5], config: '{"heads":2}' },
  'stvit/eq3': { sizes: { Ns: 2, Ni: 3, C: 4 }, config: '{"heads":2}' },
  'stvit/eq4': { sizes: { kh: 3, kw: 2, C: 4, kd: 3, kc: 1 } },
  'stvit/eq5': {
    sizes: { H: 4, W: 4, C: 2, Kh: 2, Kw: 2, kd_intra: 3, kc_intra: 1, kd_inter: 3, kc_inter: 1 },
    config: '{"ws":2}',
  },
  'sparsifiner/eq1': { sizes: { n: 3, d: 2, m: 2 }, lead: [2, 2] },
  'sparsifiner/eq2': { sizes: { n: 2, m: 3 } },
  'sparsifiner/eq3': { sizes: { n: 3, m: 2 }, config: '{"budget":2}' },
  'sparsifiner/eq4': { sizes: { n: 2, d: 2 } },
  'sparsifiner/eq7': { sizes: { B: 2, k: 3 } },
  'sparsifiner/eq8': { sizes: {}, lead: [2, 3] },
  'sparsifiner/eq12': { sizes: {} },
}

const half = (shape: Shape): RawTensor => fromReal(new Float32Array(sizeOf(shape)).fill(0.5), shape)
const real = (shape: Shape, ...values: number[]): RawTensor => fromReal(Float32Array.from(values), shape)
const zeros = (dtype: Dtype, bytesEach: number, shape: Shape): RawTensor => ({
  dtype,
  shape,
  bytes: new Uint8Array(sizeOf(shape) * bytesEach),
})

/** A file made when a test asks for it, so that what goes wrong in making it is that test's. */
type Made = () => TensorFile

/** The base case of `id` with tensors and metadata added, replaced or (undefined) taken out. */
const caseOf =
  (id: string, tensors: Tensors = {}, metadata: Metadata = {}): Made =>
  () =>
    fileOf(id, tensors, metadata)

function fileOf(id: string, tensors: Tensors, metadata: Metadata): TensorFile {
  const { sizes, lead = [], config } = BASES[id]
  const all: Record<string, RawTensor | undefined> = {}
  for (const [name, spec] of knownTensors(findEquation(id))) {
    if (spec.optional === true) continue
    const shape = shapeOf(spec, { lead, sizes })
    all[name] = spec.kind === 'mask' ? fromU8(new Uint8Array(sizeOf(shape)).fill(1), shape) : half(shape)
  }
  return {
    metadata: defined({ touchstone: '1', equation: id, config, ...metadata }),
    tensors: defined({ ...all, ...tensors }),
  }
}

function defined<T>(entries: Readonly<Record<string, T | undefined>>): Map<string, T> {
  return new Map(
    Object.entries(entries).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

/** What is said of a file that cannot be asked, as the command line would print it; undefined where it can be. */
function complaint(file: Made, options?: ReadOptions): string | undefined {
  try {
    readCase(decode(encode(file())), options)
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(QuestionError)
    if (!(error instanceof QuestionError)) throw error
    const { message } = error.inFile('case.st')
    expect(message, 'one line').not.toMatch(/[\n\r]/)
    return message
  }
}

type Row = readonly [what: string, file: Made, message: string]

/** Each row breaks one rule; all else about the file is sound. */
function refuses(rows: readonly Row[]): void {
  test.each(rows)('%s', (_what, file, message) => {
    expect(complaint(file)).toBe(message)
  })
}

function accepts(rows: readonly (readonly [what: string, file: Made])[]): void {
  test.each(rows)('%s', (_what, file) => {
    expect(complaint(file)).toBeUndefined()
  })
}

const config = (id: string, text: string | undefined): Made => caseOf(id, {}, { config: text })

test.each(Object.keys(BASES))('the base case of %s can be asked', (id) => {
  expect(complaint(caseOf(id))).toBeUndefined()
})

describe('metadata', () => {
  refuses([
    [
      'no touchstone',
      caseOf('stvit/eq1', {}, { touchstone: undefined }),
      'case.st: touchstone: expected metadata touchstone: "1", found nothing (is it a Touchstone case?)',
    ],
    [
      'another touchstone',
      caseOf('stvit/eq1', {}, { touchstone: '2' }),
      'case.st: touchstone: expected metadata touchstone: "1", found "2" (this Touchstone reads no other format)',
    ],
    [
      'touchstone with a space',
      caseOf('stvit/eq1', {}, { touchstone: '1 ' }),
      'case.st: touchstone: expected metadata touchstone: "1", found "1 " (this Touchstone reads no other format)',
    ],
    [
      'both equation and unit',
      caseOf('stvit/eq1', {}, { unit: 'official/topk' }),
      'case.st: equation: expected either equation or unit, found both',
    ],
    [
      'a unit',
      caseOf('stvit/eq1', {}, { equation: undefined, unit: 'official/topk' }),
      'case.st: unit: expected an equation, found the unit "official/topk" (units of the authors’ code cannot be asked yet)',
    ],
    [
      'neither equation nor unit',
      caseOf('stvit/eq1', {}, { equation: undefined }),
      'case.st: equation: expected metadata equation, found nothing',
    ],
    [
      'an unknown equation',
      caseOf('stvit/eq1', {}, { equation: 'stvit/eq7' }),
      'case.st: equation: expected a known equation, found "stvit/eq7" (did you mean "stvit/eq1"?)',
    ],
    [
      'an equation in capitals',
      caseOf('stvit/eq1', {}, { equation: 'STViT/eq1' }),
      'case.st: equation: expected a known equation, found "STViT/eq1" (did you mean "stvit/eq1"?)',
    ],
    [
      'an equation like none',
      caseOf('stvit/eq1', {}, { equation: 'attention' }),
      'case.st: equation: expected a known equation, found "attention" ("touchstone list" shows them)',
    ],
    [
      'control characters in an id',
      caseOf('stvit/eq1', {}, { equation: '\u001b[31mred\n' }),
      'case.st: equation: expected a known equation, found "\\u001b[31mred\\n" ("touchstone list" shows them)',
    ],
  ])
  accepts([['free and unknown entries', caseOf('stvit/eq1', {}, { source: 'x', seed: '3', colour: 'red' })]])
})

describe('names', () => {
  const one = half([1])
  refuses([
    [
      'an unknown input',
      caseOf('sparsifiner/eq3', { 'input.A_tlide': one }),
      'case.st: input.A_tlide: expected a tensor of sparsifiner/eq3, found an unknown name (did you mean "input.A_tilde"?)',
    ],
    [
      'an unknown param',
      caseOf('stvit/eq1', { 'param.attn.q.wieght': one }),
      'case.st: param.attn.q.wieght: expected a tensor of stvit/eq1, found an unknown name (did you mean "param.attn.q.weight"?)',
    ],
    [
      'an unknown param like none',
      caseOf('stvit/eq1', { 'param.position_embedding': one }),
      'case.st: param.position_embedding: expected a tensor of stvit/eq1, found an unknown name ("touchstone list stvit/eq1" shows them)',
    ],
    [
      'an unknown output',
      caseOf('sparsifiner/eq3', { 'output.score': one }),
      'case.st: output.score: expected a tensor of sparsifiner/eq3, found an unknown name (did you mean "output.scores"?)',
    ],
    [
      'an output of another equation',
      caseOf('sparsifiner/eq8', { 'output.A_tilde': one }),
      'case.st: output.A_tilde: expected a tensor of sparsifiner/eq8, found an unknown name (known: input.x, input.x_teach, output.loss)',
    ],
    [
      'a name without its prefix',
      caseOf('sparsifiner/eq3', { W_up: one }),
      'case.st: W_up: expected a tensor of sparsifiner/eq3, found an unknown name (known: input.A_tilde, param.W_up, output.scores, output.M)',
    ],
    [
      'an unknown param of an equation that refuses some by name',
      caseOf('stvit/eq3', { 'param.position': one }),
      'case.st: param.position: expected a tensor of stvit/eq3, found an unknown name ("touchstone list stvit/eq3" shows them)',
    ],
    [
      'a norm’s bias in the split of eq3',
      caseOf('stvit/eq3', { 'param.norm1.bias': half([4]) }),
      'case.st: param.norm1.bias: expected no such param in stvit/eq3, found one (with a pre-norm the split of Eq. (3) is not an identity)',
    ],
    [
      'a norm in the split of eq3',
      caseOf('stvit/eq3', { 'param.norm1.weight': half([4]) }),
      'case.st: param.norm1.weight: expected no such param in stvit/eq3, found one (with a pre-norm the split of Eq. (3) is not an identity)',
    ],
  ])
  accepts([
    ['a documented intermediate', caseOf('stvit/eq1', { 'output.scores': one })],
    [
      'the norm in the whole layer',
      caseOf('stvit/eq1', { 'param.norm1.weight': half([4]), 'param.norm1.bias': half([4]) }),
    ],
  ])
})

describe('tensors that are missing', () => {
  refuses([
    [
      'an input',
      caseOf('stvit/eq1', { 'input.X': undefined }),
      'case.st: input.X: expected this tensor, found nothing',
    ],
    [
      'a param',
      caseOf('stvit/eq1', { 'param.attn.v.weight': undefined }),
      'case.st: param.attn.v.weight: expected this tensor, found nothing',
    ],
    [
      'a norm’s bias',
      caseOf('stvit/eq1', { 'param.norm2.weight': half([4]) }),
      'case.st: param.norm2.bias: expected this tensor, since param.norm2.weight is there, found nothing',
    ],
    [
      'a norm’s weight',
      caseOf('stvit/eq1', { 'param.norm2.bias': half([4]) }),
      'case.st: param.norm2.weight: expected this tensor, since param.norm2.bias is there, found nothing',
    ],
    [
      'the bias of a norm that is required',
      caseOf('stvit/eq4', { 'param.norm.bias': undefined }),
      'case.st: param.norm.bias: expected this tensor, since param.norm.weight is there, found nothing',
    ],
    [
      'a norm that is required',
      caseOf('stvit/eq4', { 'param.norm.weight': undefined, 'param.norm.bias': undefined }),
      'case.st: param.norm.weight: expected this tensor, found nothing',
    ],
  ])
  accepts([['optional ones', caseOf('stvit/eq1', { 'param.layer_scale_2': half([4]) })]])
})

describe('dtypes', () => {
  refuses([
    [
      'F64 input',
      caseOf('stvit/eq1', { 'input.P': zeros('F64', 8, [2, 4]) }),
      'case.st: input.P: expected dtype F32, found F64',
    ],
    [
      'F16 input',
      caseOf('stvit/eq1', { 'input.X': zeros('F16', 2, [3, 4]) }),
      'case.st: input.X: expected dtype F32, found F16',
    ],
    [
      'I64 input',
      caseOf('sparsifiner/eq7', { 'input.target': zeros('I64', 8, [2, 3]) }),
      'case.st: input.target: expected dtype F32, found I64',
    ],
    [
      'BF16 param',
      caseOf('stvit/eq1', { 'param.ffn.fc2.weight': zeros('BF16', 2, [4, 8]) }),
      'case.st: param.ffn.fc2.weight: expected dtype F32, found BF16',
    ],
    [
      'I64 mask',
      caseOf('sparsifiner/eq4', { 'input.M': zeros('I64', 8, [2, 2]) }),
      'case.st: input.M: expected dtype U8 or BOOL or F32, found I64',
    ],
    [
      'a wrong dtype before a value that is wrong too',
      caseOf('stvit/eq1', {
        'input.P': real([2, 4], ...new Array<number>(8).fill(NaN)),
        'input.X': zeros('F64', 8, [3, 4]),
      }),
      'case.st: input.X: expected dtype F32, found F64',
    ],
  ])
  accepts([
    ['BOOL mask', caseOf('sparsifiner/eq4', { 'input.M': zeros('BOOL', 1, [2, 2]) })],
    ['F32 mask, −0 among its zeros', caseOf('sparsifiner/eq4', { 'input.M': real([2, 2], 0, 1, -0, 1) })],
  ])
})

describe('shapes', () => {
  refuses([
    [
      'too few axes',
      caseOf('stvit/eq1', { 'input.P': half([4]) }),
      'case.st: input.P: expected shape [.., Ns, C], found [4]',
    ],
    [
      'too many axes of a param',
      caseOf('stvit/eq1', { 'param.attn.q.weight': half([1, 4, 4]) }),
      'case.st: param.attn.q.weight: expected shape [C, C], found [1, 4, 4]',
    ],
    [
      'a batch where there is none',
      caseOf('sparsifiner/eq7', { 'input.logits': half([1, 2, 3]) }),
      'case.st: input.logits: expected shape [B, k], found [1, 2, 3]',
    ],
    [
      'another extent than another input',
      caseOf('stvit/eq1', { 'input.X': half([3, 5]) }),
      'case.st: input.X: expected shape [.., Ni, C] with C = 4 from input.P, found [3, 5] (axis 1 is 5)',
    ],
    [
      'another extent than an input, in a param',
      caseOf('stvit/eq1', { 'param.attn.k.weight': half([4, 6]) }),
      'case.st: param.attn.k.weight: expected shape [C, C] with C = 4 from input.P, found [4, 6] (axis 1 is 6)',
    ],
    [
      'another extent than a param',
      caseOf('stvit/eq1', { 'param.ffn.fc2.weight': half([4, 9]) }),
      'case.st: param.ffn.fc2.weight: expected shape [C, rC] with rC = 8 from param.ffn.fc1.weight, found [4, 9] (axis 1 is 9)',
    ],
    [
      'an extent that must be one',
      caseOf('stvit/eq4', { 'param.dw.weight': half([4, 2, 3, 3]) }),
      'case.st: param.dw.weight: expected shape [C, 1, kd, kd], found [4, 2, 3, 3] (axis 1 is 2)',
    ],
    [
      'an extent that follows from the config',
      caseOf('stvit/eq5', { 'param.inter.conv.weight': half([3, 2, 1, 1]) }),
      'case.st: param.inter.conv.weight: expected shape [Kh·Kw, C, kc_inter, kc_inter] with Kh·Kw = 4 from the inputs and the config, found [3, 2, 1, 1] (axis 0 is 3)',
    ],
    [
      'a batch that differs',
      caseOf('stvit/eq2', { 'input.X': half([6, 3, 4]) }),
      'case.st: input.X: expected leading dimensions [5], those of input.S1, found [6, 3, 4]',
    ],
    [
      'a batch that only one has',
      caseOf('stvit/eq2', { 'input.X': half([3, 4]) }),
      'case.st: input.X: expected leading dimensions [5], those of input.S1, found [3, 4]',
    ],
    [
      'a batch of [1] against none',
      caseOf('stvit/eq1', { 'input.X': half([1, 3, 4]) }),
      'case.st: input.X: expected leading dimensions [], those of input.P, found [1, 3, 4]',
    ],
    [
      'a batch of params',
      caseOf('stvit/eq2', { 'param.G': half([5, 2, 4]) }),
      'case.st: param.G: expected shape [Ns, C], found [5, 2, 4]',
    ],
    [
      'shapes that must be one',
      caseOf('sparsifiner/eq8', { 'input.x_teach': half([3, 2]) }),
      'case.st: input.x_teach: expected leading dimensions [2, 3], those of input.x, found [3, 2]',
    ],
    [
      'an output of more than 2^28 elements',
      caseOf('sparsifiner/eq3', {
        'input.A_tilde': half([2 ** 14 + 1, 1]),
        'param.W_up': half([1, 2 ** 14 + 1]),
      }),
      'case.st: output.scores: expected at most 2^28 elements, found shape [16385, 16385]',
    ],
    [
      'a zero-sized dimension',
      caseOf('stvit/eq1', { 'input.X': half([0, 4]) }),
      'case.st: input.X: expected shape [.., Ni, C] without a zero-sized dimension, found [0, 4]',
    ],
    [
      'a zero-sized batch',
      caseOf('sparsifiner/eq2', { 'input.A_down': half([0, 2, 3]) }),
      'case.st: input.A_down: expected shape [.., n, m] without a zero-sized dimension, found [0, 2, 3]',
    ],
    [
      'a zero-sized dimension of a param',
      caseOf('stvit/eq1', { 'param.ffn.fc1.weight': half([0, 4]) }),
      'case.st: param.ffn.fc1.weight: expected shape [rC, C] without a zero-sized dimension, found [0, 4]',
    ],
    [
      'keys of another n than queries',
      caseOf('sparsifiner/eq1', { 'input.K': half([2, 2, 4, 2]) }),
      'case.st: input.K: expected shape [.., n, d] with n = 3 from input.Q, found [2, 2, 4, 2] (axis 2 is 4)',
    ],
    [
      'a mask that is not n × n',
      caseOf('sparsifiner/eq4', { 'input.M': zeros('U8', 1, [2, 3]) }),
      'case.st: input.M: expected shape [.., n, n] with n = 2 from input.Q, found [2, 3] (axis 1 is 3)',
    ],
    [
      'an even depthwise kernel',
      caseOf('stvit/eq4', { 'param.dw.weight': half([4, 1, 2, 2]) }),
      'case.st: param.dw.weight: expected a kernel of odd size, padded by (k − 1)/2, found 2 × 2',
    ],
    [
      'an even pointwise kernel',
      caseOf('stvit/eq5', { 'param.intra.conv.weight': half([1, 2, 4, 4]) }),
      'case.st: param.intra.conv.weight: expected a kernel of odd size, padded by (k − 1)/2, found 4 × 4',
    ],
    [
      'a kernel that is not square',
      caseOf('stvit/eq4', { 'param.dw.weight': half([4, 1, 3, 5]) }),
      'case.st: param.dw.weight: expected shape [C, 1, kd, kd] with kd = 3 from param.dw.weight, found [4, 1, 3, 5] (axis 3 is 5)',
    ],
    [
      'a scalar of shape [1, 1]',
      caseOf('sparsifiner/eq12', { 'input.L_kl': half([1, 1]) }),
      'case.st: input.L_kl: expected shape [], found [1, 1]',
    ],
    [
      'a scalar of shape [2]',
      caseOf('sparsifiner/eq12', { 'input.L_kl': half([2]) }),
      'case.st: input.L_kl: expected shape [], found [2]',
    ],
  ])
  accepts([
    [
      'an output of 2^28 elements',
      caseOf('sparsifiner/eq3', { 'input.A_tilde': half([2 ** 14, 1]), 'param.W_up': half([1, 2 ** 14]) }),
    ],
    ['a scalar of shape []', caseOf('sparsifiner/eq12', { 'input.L_kl': half([]) })],
    ['a scalar of shape [1]', caseOf('sparsifiner/eq12', { 'input.L_kl': half([1]) })],
    ['a larger odd kernel', caseOf('stvit/eq4', { 'param.dw.weight': half([4, 1, 5, 5]) })],
    [
      'the same batch of both',
      caseOf('stvit/eq1', { 'input.P': half([1, 2, 4]), 'input.X': half([1, 3, 4]) }),
    ],
  ])
})

describe('config', () => {
  refuses([
    [
      'not JSON',
      config('stvit/eq1', '{heads: 2}'),
      "case.st: config: expected JSON, found {heads: 2} (Expected property name or '}' in JSON at position 1)",
    ],
    [
      'a long array',
      config('stvit/eq1', `["${'y'.repeat(200)}"]`),
      `case.st: config: expected a JSON object, found ["${'y'.repeat(78)}`,
    ],
    [
      'a long list for a number',
      config('sparsifiner/eq2', `{"tau":["${'y'.repeat(200)}"]}`),
      `case.st: config.tau: expected a finite number, found ["${'y'.repeat(78)}`,
    ],
    ['an array', config('stvit/eq1', '[2]'), 'case.st: config: expected a JSON object, found [2]'],
    ['a string', config('stvit/eq1', '"heads"'), 'case.st: config: expected a JSON object, found "heads"'],
    [
      'a key twice',
      config('stvit/eq1', '{"heads":1,"eps":1e-5,"he\\u0061ds" : 2}'),
      'case.st: config: expected each key once, found "heads" twice',
    ],
    [
      'a key that only a value repeats',
      config('stvit/eq2', '{"heads":2,"residual":"\\"heads\\":\\\\"}'),
      'case.st: config.residual: expected "S1" or "S1+G", found "\\"heads\\":\\\\" (known: S1, S1+G)',
    ],
    ['null', config('stvit/eq1', 'null'), 'case.st: config: expected a JSON object, found null'],
    [
      'an unknown key',
      config('stvit/eq1', '{"heads":2,"epz":1}'),
      'case.st: config: expected a known key, found "epz" (did you mean "eps"?)',
    ],
    [
      'an unknown key like none',
      config('stvit/eq2', '{"heads":2,"dropout":0.1}'),
      'case.st: config: expected a known key, found "dropout" (known: heads, eps, residual)',
    ],
    [
      'a key where there are none',
      config('sparsifiner/eq8', '{"scale":1}'),
      'case.st: config: expected a known key, found "scale" (there are none)',
    ],
    [
      'a key of Object’s',
      config('stvit/eq1', '{"heads":2,"toString":1,"__proto__":1}'),
      'case.st: config: expected a known key, found "toString" (known: heads, eps)',
    ],
    [
      'heads missing',
      config('stvit/eq1', undefined),
      'case.st: config.heads: expected an integer ≥ 1, found nothing (attention heads h; must divide C)',
    ],
    [
      'heads null, that is missing',
      config('stvit/eq1', '{"heads":null}'),
      'case.st: config.heads: expected an integer ≥ 1, found nothing (attention heads h; must divide C)',
    ],
    [
      'heads 0',
      config('stvit/eq1', '{"heads":0}'),
      'case.st: config.heads: expected an integer ≥ 1, found 0',
    ],
    [
      'heads 1.5',
      config('stvit/eq1', '{"heads":1.5}'),
      'case.st: config.heads: expected an integer ≥ 1, found 1.5',
    ],
    [
      'heads as text',
      config('stvit/eq1', '{"heads":"2"}'),
      'case.st: config.heads: expected an integer ≥ 1, found "2"',
    ],
    [
      'heads that do not divide C',
      config('stvit/eq1', '{"heads":3}'),
      'case.st: config.heads: expected a divisor of C = 4, found 3 (nearest: 2)',
    ],
    [
      'heads above C',
      config('stvit/eq3', '{"heads":8}'),
      'case.st: config.heads: expected a divisor of C = 4, found 8 (nearest: 4)',
    ],
    [
      'ws missing',
      config('stvit/eq5', undefined),
      'case.st: config.ws: expected an integer ≥ 1, found nothing (windows along each axis: the map becomes ws × ws tokens)',
    ],
    ['ws 0', config('stvit/eq5', '{"ws":0}'), 'case.st: config.ws: expected an integer ≥ 1, found 0'],
    [
      'ε below 0',
      config('stvit/eq4', '{"eps":-1e-9}'),
      'case.st: config.eps: expected a finite number ≥ 0, found -1e-9',
    ],
    [
      'ε beyond float64',
      config('stvit/eq4', '{"eps":1e999}'),
      'case.st: config.eps: expected a finite number ≥ 0, found Infinity',
    ],
    [
      '−1e999',
      config('sparsifiner/eq2', '{"tau":-1e999}'),
      'case.st: config.tau: expected a finite number, found -Infinity',
    ],
    [
      'a list for a number',
      config('sparsifiner/eq2', '{"tau":[0.05]}'),
      'case.st: config.tau: expected a finite number, found [0.05]',
    ],
    [
      'neither budget nor keep_rate',
      config('sparsifiner/eq3', '{}'),
      'case.st: config: expected exactly one of budget, keep_rate, found none of them',
    ],
    [
      'both budget and keep_rate',
      config('sparsifiner/eq3', '{"budget":1,"keep_rate":0.5}'),
      'case.st: config: expected exactly one of budget, keep_rate, found budget and keep_rate',
    ],
    [
      'budget −1',
      config('sparsifiner/eq3', '{"budget":-1}'),
      'case.st: config.budget: expected an integer ≥ 0, found -1',
    ],
    [
      'budget 1.5',
      config('sparsifiner/eq3', '{"budget":1.5}'),
      'case.st: config.budget: expected an integer ≥ 0, found 1.5',
    ],
    [
      'keep_rate 0',
      config('sparsifiner/eq3', '{"keep_rate":0}'),
      'case.st: config.keep_rate: expected a finite number > 0 and ≤ 1, found 0',
    ],
    [
      'keep_rate 1.5',
      config('sparsifiner/eq3', '{"keep_rate":1.5}'),
      'case.st: config.keep_rate: expected a finite number > 0 and ≤ 1, found 1.5',
    ],
    [
      'keep_rate 2',
      config('sparsifiner/eq3', '{"keep_rate":2}'),
      'case.st: config.keep_rate: expected a finite number > 0 and ≤ 1, found 2',
    ],
    [
      'basis_threshold below 0',
      config('sparsifiner/eq3', '{"budget":1,"basis_threshold":-0.01}'),
      'case.st: config.basis_threshold: expected a finite number ≥ 0, found -0.01',
    ],
    [
      'an unknown choice near one',
      config('sparsifiner/eq4', '{"normalize":"maksed"}'),
      'case.st: config.normalize: expected "full" or "masked", found "maksed" (did you mean "masked"?)',
    ],
    [
      'an unknown choice like none',
      config('stvit/eq2', '{"heads":2,"residual":"none"}'),
      'case.st: config.residual: expected "S1" or "S1+G", found "none" (known: S1, S1+G)',
    ],
    [
      'a list that reads like a choice',
      config('sparsifiner/eq4', '{"normalize":["full"]}'),
      'case.st: config.normalize: expected "full" or "masked", found ["full"]',
    ],
    [
      'a number for a choice',
      config('sparsifiner/eq4', '{"normalize":1}'),
      'case.st: config.normalize: expected "full" or "masked", found 1',
    ],
  ])
  accepts([
    ['no config where nothing is required', config('sparsifiner/eq2', undefined)],
    ['heads of 1', config('stvit/eq1', '{"heads":1}')],
    ['as many heads as channels', config('stvit/eq1', '{"heads":4}')],
    [
      'ws of 1, one window',
      caseOf('stvit/eq5', { 'param.inter.conv.weight': half([16, 2, 1, 1]) }, { config: '{"ws":1}' }),
    ],
    ['ε of 0', config('stvit/eq4', '{"eps":0}')],
    ['budget 0', config('sparsifiner/eq3', '{"budget":0}')],
    ['budget above n, however far', config('sparsifiner/eq3', '{"budget":1e300}')],
    ['keep_rate just above 0', config('sparsifiner/eq3', '{"keep_rate":5e-324}')],
    ['keep_rate 1', config('sparsifiner/eq3', '{"keep_rate":1}')],
    ['basis_threshold 0', config('sparsifiner/eq3', '{"budget":1,"basis_threshold":0}')],
    ['optional keys null, that is missing', config('sparsifiner/eq3', '{"budget":1,"keep_rate":null}')],
    ['one of the choices', config('sparsifiner/eq4', '{"normalize":"masked"}')],
    ['a negative scale', config('sparsifiner/eq4', '{"scale":-0.5}')],
  ])
})

test('a long config that is not JSON is cut', () => {
  const message = complaint(config('stvit/eq1', `x${'y'.repeat(200)}`))
  expect(message).toMatch(/^case\.st: config: expected JSON, found xy{79} \(/)
})

describe('values', () => {
  const withNaN = caseOf('stvit/eq1', { 'input.P': real([2, 4], 0, 0, 0, 0, 0, 0, NaN, Infinity) })
  const withInfinity = caseOf('sparsifiner/eq3', { 'param.W_up': real([2, 3], 0, 0, -Infinity, 0, 0, 0) })
  refuses([
    [
      'NaN in an input',
      withNaN,
      'case.st: input.P: expected finite values, found NaN at [1, 2] (--allow-non-finite takes them)',
    ],
    [
      'an infinity in a param',
      withInfinity,
      'case.st: param.W_up: expected finite values, found -Infinity at [0, 2] (--allow-non-finite takes them)',
    ],
    [
      'an infinite scalar',
      caseOf('sparsifiner/eq12', { 'input.L_cls': real([], Infinity) }),
      'case.st: input.L_cls: expected finite values, found Infinity at [] (--allow-non-finite takes them)',
    ],
    [
      '2 in a U8 mask',
      caseOf('sparsifiner/eq4', { 'input.M': fromU8(Uint8Array.of(0, 1, 1, 2), [2, 2]) }),
      'case.st: input.M: expected a mask of 0 and 1, found 2 at [1, 1]',
    ],
    [
      '2 in a BOOL mask',
      caseOf('sparsifiner/eq4', {
        'input.M': { dtype: 'BOOL', shape: [2, 2], bytes: Uint8Array.of(0, 2, 1, 1) },
      }),
      'case.st: input.M: expected a mask of 0 and 1, found 2 at [0, 1]',
    ],
    [
      '0.5 in an F32 mask',
      caseOf('sparsifiner/eq4', { 'input.M': real([2, 2], 0.5, 1, 1, 0) }),
      'case.st: input.M: expected a mask of 0 and 1, found 0.5 at [0, 0]',
    ],
    [
      'NaN in an F32 mask',
      caseOf('sparsifiner/eq4', { 'input.M': real([2, 2], 1, 1, 1, NaN) }),
      'case.st: input.M: expected a mask of 0 and 1, found NaN at [1, 1]',
    ],
  ])
  accepts([
    [
      'the largest float32 and the smallest',
      caseOf('sparsifiner/eq2', {
        'input.A_down': real([2, 3], 3.4028234663852886e38, -3.4028234663852886e38, 1e-45, -0, 0, 1),
      }),
    ],
    [
      'NaN in an output, which is for the verdict',
      caseOf('sparsifiner/eq2', { 'output.A_tilde': real([2, 3], NaN, 0, 0, 0, 0, 0) }),
    ],
  ])

  test('--allow-non-finite takes NaN and infinities', () => {
    expect(complaint(withNaN, { allowNonFinite: true })).toBeUndefined()
    expect(complaint(withInfinity, { allowNonFinite: true })).toBeUndefined()
  })

  test('--allow-non-finite takes no 2 in a mask', () => {
    const file = caseOf('sparsifiner/eq4', { 'input.M': real([2, 2], 1, 1, 1, Infinity) })
    expect(complaint(file, { allowNonFinite: true })).toBe(
      'case.st: input.M: expected a mask of 0 and 1, found Infinity at [1, 1]',
    )
  })
})
