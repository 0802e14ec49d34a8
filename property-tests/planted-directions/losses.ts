import type { Value } from '../../reference/evaluator.ts'
import { tensor, type Tensor } from '../../reference/tensor.ts'
import { map, rowsOf, type Planted } from './planted.ts'

/** Of losses. */
export const LOSSES: readonly Planted[] = [
  {
    equation: 'sparsifiner/eq7',
    bug: 'hard labels',
    id: 'target/one-hot',
    options: { sizes: { B: 5, k: 7 }, tensors: new Map([['input.target', softTargets(5, 7)]]) },
    rules: (base) => ({
      weigh: (w, x) =>
        base.weigh(
          rowsOf(w, (row) => row.map((p) => Number(p === Math.max(...row)))),
          x,
        ),
    }),
  },
  {
    equation: 'sparsifiner/eq7',
    bug: 'label smoothing',
    id: 'target/smoothed',
    options: { sizes: { B: 5, k: 7 }, tensors: new Map([['input.target', softTargets(5, 7)]]) },
    rules: (base) => ({
      weigh: (w, x) =>
        base.weigh(
          map(w, (p) => 0.9 * p + 0.1 / 7),
          x,
        ),
    }),
  },
  {
    equation: 'sparsifiner/eq10',
    bug: 'summed over the columns, averaged over the rows',
    id: 'reduction/last/loss',
    options: { config: { reduction: 'mean' }, sizes: { n: 5, m: 4 } },
    rules: (base) => ({ mean: (x, over) => base.scale(base.mean(x, over), 5) }),
  },
  {
    equation: 'sparsifiner/eq7',
    bug: 'the sum over the batch',
    id: 'reduction/sum/loss/4',
    options: { sizes: { B: 5, k: 7 } },
    rules: (base) => ({ mean: (x, over) => base.sum(x, over) }),
  },
  {
    equation: 'sparsifiner/eq8',
    bug: 'absolute differences',
    id: 'product/magnitude/loss/1',
    rules: (base) => ({ multiply: (x) => map(x, Math.abs), add: base.add }),
  },
  {
    equation: 'sparsifiner/eq9',
    bug: 'KL the other way round',
    id: 'option/direction=teach,pred',
    options: { config: { direction: 'pred,teach' }, sizes: { B: 4, k: 7 } },
    rules: (base) => {
      const logs: Tensor[] = []
      return {
        logSoftmax: (x) => {
          const log = base.logSoftmax(x)
          logs.push(log)
          return log
        },
        exp: () => base.exp(logs[1]),
        subtract: () => base.subtract(logs[1], logs[0]),
      }
    },
  },
  {
    equation: 'sparsifiner/eq10',
    bug: 'the sum of squares',
    id: 'option/reduction=sum',
    options: { config: { reduction: 'mean' }, sizes: { n: 5, m: 4 } },
    rules: (base) => ({ mean: (x, over) => base.sum(x, over) }),
  },
  {
    equation: 'sparsifiner/eq11',
    bug: 'a norm, not its square',
    id: 'reduction/root/loss/1',
    rules: (base) => ({ sum: (x, over) => map(base.sum(x, over), Math.sqrt) }),
  },
  {
    equation: 'sparsifiner/eq12',
    bug: 'two weights exchanged',
    id: 'option/lambda_token<->lambda_cls',
    options: { config: { lambda_token: 0.5, lambda_cls: 0.125, lambda_attn: 1, lambda_spa: 0.25 }, lead: [] },
    rules: (base) => {
      const weights = [0.125, 0.5, 1, 0.25]
      let at = 0
      return { scale: (x) => base.scale(x, weights[at++]) }
    },
  },
]

/** Targets of which no class has all. */
function softTargets(B: number, k: number): Value {
  const data = Float32Array.from({ length: B * k }, (_, i) =>
    i % k === (3 * i) % 5 ? 0.4 : 0.6 / k + 0.01 * (i % k),
  )
  return { kind: 'dense', tensor: tensor(data, [B, k]) }
}
