import { describe } from 'vitest'
import { half, zeros, caseOf, refuses, accepts } from './testing.ts'

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
