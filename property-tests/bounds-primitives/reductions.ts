import { all, largest, row, type Primitive } from './primitive.ts'

const bins = { rows: [[0, 1]], columns: [[0, 2]] } as const

/** Pooling of a map [1, n, 1] into the mean or the largest of all of it. */
const pooled = (reduction: 'mean' | 'max', forms: Primitive['forms']): Primitive => ({
  name: `${reduction} pool`,
  bounded: (rules, [x]) => {
    const n = x.v.length
    return rules.pool(row(x, [1, n, 1]), { ...bins, columns: [[0, n]] }, reduction)
  },
  forms,
})

const means: Primitive['forms'] = {
  'divided last': all((m, x) => m.mean(x, false)),
  'divided first': all((m, x) => m.mean(x, true)),
  'sum rounded': all((m, x) => m.divide(m.result(m.sum(x)), x.length)),
}

export const reductions: Readonly<Record<'sum' | 'mean' | 'meanPool' | 'maxPool', Primitive>> = {
  sum: {
    name: 'sum',
    bounded: (rules, [x]) => rules.sum(row(x), 'last'),
    forms: { plain: all((m, x) => m.sum(x)) },
  },
  mean: { name: 'mean', bounded: (rules, [x]) => rules.mean(row(x), 'last'), forms: means },
  meanPool: pooled('mean', means),
  maxPool: { ...pooled('max', { plain: all((_, x) => largest(x)) }), chooses: true },
}
