import type { Value } from '../../../reference/evaluator.ts'
import { map } from '../tensors.ts'
import { bf16, fp16 } from './formats.ts'
import { ONE } from './groups.ts'
import { changed, config, exchanged, nth, operands, rule, type Mutant } from './mutant.ts'

function scalar(tensors: Map<string, Value>, name: string, change: (x: number) => number): void {
  changed(
    tensors,
    (tensor) => tensor === `input.${name}`,
    (x) => map(x, change),
  )
}

const LAMBDAS = ['lambda_token', 'lambda_cls', 'lambda_attn', 'lambda_spa'] as const

/** Bugs of Sparsifiner’s Eq. (12), the total loss. */
export const totalLossMutants: readonly Mutant[] = [
  ...LAMBDAS.map((lambda) =>
    config(`no-${lambda}`, 'gross', ONE.total, `${lambda} is taken for 0.`, () => ({ [lambda]: 0 })),
  ),
  ...LAMBDAS.map((lambda) =>
    config(`${lambda}-negated`, 'gross', ONE.total, `${lambda} has the other sign.`, (asked) => ({
      [lambda]: -Number(asked[lambda]),
    })),
  ),
  config('lambdas-rotated', 'gross', ONE.total, 'every λ weighs the next term.', (asked) =>
    Object.fromEntries(LAMBDAS.map((lambda, i) => [lambda, asked[LAMBDAS[(i + 1) % LAMBDAS.length]]])),
  ),
  config('lambdas-squared', 'medium', ONE.total, 'every λ is applied twice.', (asked) =>
    Object.fromEntries(LAMBDAS.map((lambda) => [lambda, Number(asked[lambda]) ** 2])),
  ),
  config('lambdas-of-2-digits', 'medium', ONE.total, 'every λ is rounded to two digits.', (asked) =>
    Object.fromEntries(LAMBDAS.map((lambda) => [lambda, Number(Number(asked[lambda]).toPrecision(2))])),
  ),
  config('lambda-spa-1e-4', 'medium', ONE.total, 'a weight decay of 1e-4 counts as λ_spa.', (asked) => ({
    lambda_spa: Number(asked['lambda_spa']) + 1e-4,
  })),
  operands(
    'cls-and-kl-swapped',
    'gross',
    ONE.total,
    'L_cls and L_kl are swapped.',
    exchanged('input.L_cls', 'input.L_kl'),
  ),
  operands(
    'token-and-attn-swapped',
    'gross',
    ONE.total,
    'L_token and L_attn are swapped.',
    exchanged('input.L_token', 'input.L_attn'),
  ),
  operands('no-cls', 'gross', ONE.total, 'L_cls is left out.', (tensors) =>
    scalar(tensors, 'L_cls', () => 0),
  ),
  operands(
    'cls-weighted-too',
    'gross',
    ONE.total,
    'λ_cls weighs L_cls as well.',
    (tensors, { config: { lambda_cls } }) => scalar(tensors, 'L_cls', (value) => value * Number(lambda_cls)),
  ),
  operands('terms-in-bf16', 'medium', ONE.total, 'the terms are stored in bfloat16.', (tensors) =>
    changed(
      tensors,
      () => true,
      (x) => map(x, bf16),
    ),
  ),
  operands('terms-in-fp16', 'medium', ONE.total, 'the terms are stored in float16.', (tensors) =>
    changed(
      tensors,
      () => true,
      (x) => map(x, fp16),
    ),
  ),
  rule('total-in-bf16', 'medium', ONE.total, 'the running total is stored in bfloat16.', ({ add }) => ({
    add: (x, y) => map(add(x, y), bf16),
  })),
  rule('total-of-five-averaged', 'gross', ONE.total, 'the terms are averaged.', ({ add, scale }) => ({
    add: nth(add, 3, (x, y) => scale(add(x, y), 0.2)),
  })),
]
