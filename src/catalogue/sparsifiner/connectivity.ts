import type { ConfigSpec, Equation } from '../schema.ts'

const config: Record<string, ConfigSpec> = {
  budget: {
    kind: 'integer',
    min: 0,
    optional: true,
    about: 'entries a row may keep; above n it is n; this or keep_rate',
  },
  keep_rate: {
    kind: 'number',
    min: 0,
    above: true,
    max: 1,
    optional: true,
    about: 'budget as a share of n: ⌈keep_rate·n⌉; this or budget',
  },
  basis_threshold: {
    kind: 'number',
    min: 0,
    optional: true,
    about: 'entries of W_up no larger in magnitude count as 0; rounded to float32 first; none unless given',
  },
}

/** The options of Eq. (3), wherever it stands. */
export const connectivity: Required<Pick<Equation, 'config' | 'oneOf' | 'resolve' | 'sampleConfig'>> = {
  config,
  oneOf: ['budget', 'keep_rate'],
  resolve: ({ budget, keep_rate, ...rest }, { n }) => {
    return { ...rest, budget: Math.min(n, Number(budget ?? Math.ceil(Number(keep_rate) * n))) }
  },
  sampleConfig: (draw) => ({
    ...draw.pick<Record<string, number>>([
      { budget: draw.integer(0, 15) },
      { keep_rate: draw.integer(1, 8) / 8 },
    ]),
    ...draw.pick<Record<string, number>>([{}, { basis_threshold: 0.01 }]),
  }),
}
