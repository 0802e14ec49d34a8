import type { Question } from '../cases/question.ts'
import type { Lab } from './lab.ts'
import type { Law, Trial } from './law.ts'
import { withEach } from './questions.ts'
import { mapped } from './rearrange.ts'
import { agreeWithWitness, small, TRIALS } from './witness.ts'

/** The units around STViT's equations that have a LayerNorm. */
export const NORMED: readonly string[] = [
  'stvit/local-cross-attention',
  'stvit/stgm',
  'stvit/window-recovery',
  'stvit/dumbbell',
  'stvit/classifier',
]

/**
 * A question of the unit with every norm, in front of each of which tokens vary by about 10⁻³: the map, the centres and what every
 * layer adds are small, and the convolutions in front of norms have no bias. There ε = 10⁻⁶ is as large as the variance.
 */
export function ofTinyVariance(lab: Lab, id: string, trial: Trial): Question {
  const heads = id === 'stvit/classifier' ? {} : { heads: 1 }
  const { seed, largest: most } = small(trial)
  const tried = { seed, largest: Math.min(2, most) }
  const drawn = lab.sample(id, tried, { config: heads, lead: [], sizes: { C: 2 }, has: () => true })
  const names = [...drawn.tensors.keys()]
  const scaled = names.filter((name) => /^input\.|(^|\.)G$|layer_scale/.test(name))
  const unbiased = names.filter((name) => name.endsWith('dw.bias'))
  const tiny = withEach(drawn, scaled, (x, name) => {
    const factor = name.includes('layer_scale') ? 2 ** -8 : 2 ** -10 / Math.max(1, largestOf(x.data))
    return mapped(x, (value) => factor * value)
  })
  return withEach(tiny, unbiased, (x) => mapped(x, () => 0))
}

function largestOf(data: Iterable<number>): number {
  let most = 0
  for (const value of data) most = Math.max(most, Math.abs(value))
  return most
}

/** Laws of ε in every norm of the units around STViT. */
export const tinyVarianceLaws: readonly Law[] = NORMED.map((id) => ({
  id: `${id.replace('/', '-')}-adds-its-own-epsilon`,
  statement: `Where the tokens in front of every norm of ${id} hardly vary, it is its scalar transcription with ε = 10⁻⁶.`,
  source: 'contract, conventions: (x − μ)/√(σ² + ε), ε from the config, default 1e-6',
  equations: [id],
  holds: (lab, trial) => agreeWithWitness(lab, ofTinyVariance(lab, id, trial)),
  mutant: {
    name: 'ε never below 10⁻⁵, the default of other libraries',
    plant: (rules) => ({ layerNorm: (x, w, b, eps) => rules.layerNorm(x, w, b, Math.max(eps, 1e-5)) }),
  },
  trials: TRIALS,
}))
