import { map } from '../tensors.ts'
import { transposed } from './bugs.ts'
import { ONE } from './groups.ts'
import { changed, operands, rule, type Mutant } from './mutant.ts'

/** Bugs of Sparsifiner’s losses of the basis, Eqs. (10) and (11). */
export const basisLossMutants: readonly Mutant[] = [
  operands(
    'teacher-transposed',
    'gross',
    ONE.distillation,
    'the teacher’s attention is read transposed.',
    (tensors) => changed(tensors, (name) => name === 'input.A_teach', transposed),
  ),
  rule(
    'basis-thresholded',
    'medium',
    ONE.distillation,
    'the basis is thresholded at 1e-2, as for the mask.',
    ({ matmul }) => ({
      matmul: (x, y) =>
        matmul(
          x,
          map(y, (value) => (Math.abs(value) > 0.01 ? value : 0)),
        ),
    }),
  ),
  rule(
    'scores-softmaxed',
    'gross',
    ONE.distillation,
    'scores pass through a softmax.',
    ({ matmul, softmax }) => ({
      matmul: (x, y) => softmax(matmul(x, y)),
    }),
  ),
  rule('scores-relu', 'medium', ONE.distillation, 'negative scores count as 0.', ({ matmul }) => ({
    matmul: (x, y) => map(matmul(x, y), (value) => Math.max(0, value)),
  })),
  operands('small-weights-left-out', 'medium', ONE.sparsity, 'entries up to 1e-2 do not count.', (tensors) =>
    changed(
      tensors,
      (name) => name === 'param.W_up',
      (x) => map(x, (value) => (Math.abs(value) > 0.01 ? value : 0)),
    ),
  ),
]
