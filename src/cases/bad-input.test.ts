import { describe, expect, test } from 'vitest'
import { fromU8 } from './raw-tensor.ts'
import { BASES, half, real, zeros, caseOf, messageOf, refuses, accepts } from './testing.ts'

test.each(Object.keys(BASES))('the base case of %s can be asked', (id) => {
  expect(messageOf(caseOf(id))).toBeUndefined()
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
      'case.st: input.X: expected dtype F32, found F16 (store it as F32; "touchstone profile" lists what is judged as computed in bf16 or fp16)',
    ],
    [
      'I64 input',
      caseOf('sparsifiner/eq7', { 'input.target': zeros('I64', 8, [2, 3]) }),
      'case.st: input.target: expected dtype F32, found I64',
    ],
    [
      'BF16 param',
      caseOf('stvit/eq1', { 'param.ffn.fc2.weight': zeros('BF16', 2, [4, 8]) }),
      'case.st: param.ffn.fc2.weight: expected dtype F32, found BF16 (store it as F32; "touchstone profile" lists what is judged as computed in bf16 or fp16)',
    ],
    [
      'I64 mask',
      caseOf('sparsifiner/eq4', { 'input.M': zeros('I64', 8, [2, 2]) }),
      'case.st: input.M: expected dtype U8, BOOL or F32, found I64',
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
    expect(messageOf(withNaN, { allowNonFinite: true })).toBeUndefined()
    expect(messageOf(withInfinity, { allowNonFinite: true })).toBeUndefined()
  })

  test('--allow-non-finite takes no 2 in a mask', () => {
    const file = caseOf('sparsifiner/eq4', { 'input.M': real([2, 2], 1, 1, 1, Infinity) })
    expect(messageOf(file, { allowNonFinite: true })).toBe(
      'case.st: input.M: expected a mask of 0 and 1, found Infinity at [1, 1]',
    )
  })
})
