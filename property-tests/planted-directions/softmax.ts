import type { Arithmetic } from '../../reference/arithmetic.ts'
import type { FullKinds } from '../../reference/float32/index.ts'
import { layer, LAYERS, map, rowsOf, toBfloat16, type Planted } from './planted.ts'

type Rules = Arithmetic<FullKinds>

const f = Math.fround

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** Softmax of a row with `more` in the denominator and `base` in the place of e. */
function softmaxWith(more: number, base = Math.E): Partial<Rules> {
  return {
    softmax: (x) =>
      rowsOf(x, (row) => {
        const max = Math.max(...row)
        const powers = row.map((value) => base ** (value - max))
        return powers.map((power) => power / (sum(powers) + more))
      }),
  }
}

/** The scores scaled by something else; d is what 1/√d was made of. */
function scoresBy(factor: (d: number) => number): (base: Rules) => Partial<Rules> {
  return (base) => ({ scale: (x, usual) => base.scale(x, f(factor(Math.round(1 / usual ** 2)))) })
}

/** Sizes that make so many keys. */
function keysOf(equation: string, keys: number): Record<string, number> {
  if (equation === 'stvit/eq2') return { Ns: 2, Ni: keys - 2 }
  return equation === 'stvit/eq1' ? { Ni: keys } : { Ns: keys }
}

/** Of scores and softmax. */
export const SOFTMAXES: readonly Planted[] = [
  ...LAYERS.flatMap((equation): Planted[] => [
    {
      equation,
      bug: 'scores scaled by 1/√C',
      id: 'scale/sqrt-C',
      options: layer,
      rules: scoresBy((d) => 1 / Math.sqrt(3 * d)),
    },
    {
      equation,
      bug: 'a padded key of logit 0',
      id: 'softmax/padded-key',
      options: layer,
      rules: (base) => ({
        softmax(x) {
          const zeros = base.slice(base.scale(x, 0), -1, 0, 1)
          const n = x.shape.at(-1) ?? 1
          return base.slice(base.softmax(base.concat([x, zeros], -1)), -1, 0, n)
        },
      }),
    },
    {
      equation,
      bug: 'the last key dropped',
      id: 'softmax/last-key',
      options: layer,
      rules: (base) => ({
        softmax(x) {
          const n = x.shape.at(-1) ?? 1
          const kept = base.softmax(base.slice(x, -1, 0, n - 1))
          return base.concat([kept, base.scale(base.slice(x, -1, n - 1, n), 0)], -1)
        },
      }),
    },
    {
      equation,
      bug: 'weights of attention in bfloat16',
      id: 'softmax/weights-bfloat16',
      options: layer,
      rules: (base) => ({ softmax: (x) => map(base.softmax(x), toBfloat16) }),
    },
    {
      equation,
      bug: 'keys padded to whole tiles of eight',
      id: 'softmax/padded-to-8',
      options: { ...layer, sizes: { ...layer.sizes, ...keysOf(equation, 5) } },
      rules: (base) => ({
        softmax(x) {
          const n = x.shape.at(-1) ?? 1
          const zeros = base.scale(base.slice(x, -1, 0, 8 - (n % 8)), 0)
          return base.slice(base.softmax(base.concat([x, zeros], -1)), -1, 0, n)
        },
      }),
    },
  ]),
  {
    equation: 'sparsifiner/eq1',
    bug: 'scores scaled by 1/√m',
    id: 'scale/sqrt-m',
    options: { sizes: { n: 12, m: 7, d: 8 } },
    rules: scoresBy(() => 1 / Math.sqrt(7)),
  },
  {
    equation: 'sparsifiner/eq4',
    bug: 'logits times the mask, and nothing masked',
    id: 'softmax/unmasked-zeros',
    options: { config: { normalize: 'masked' }, sizes: { n: 12, d: 8 } },
    rules: (base) => ({ maskedSoftmax: (_, { values }) => base.compress(base.softmax(values)) }),
  },
  ...['stvit/eq3', 'sparsifiner/eq1'].map((equation): Planted => ({
    equation,
    bug: 'log₂e of five digits',
    id: 'softmax/log2e=1.4427',
    rules: () => softmaxWith(0, 2 ** Number('1.4427')),
  })),
  {
    equation: 'stvit/eq3',
    bug: 'softmax to the base 2',
    id: 'softmax/base-2',
    options: { sizes: { C: 12 }, config: { heads: 3 } },
    rules: () => softmaxWith(0, 2),
  },
  {
    equation: 'sparsifiner/eq1',
    bug: 'scores not scaled',
    id: 'scale/none',
    options: { sizes: { n: 12, m: 7, d: 8 } },
    rules: scoresBy(() => 1),
  },
]
