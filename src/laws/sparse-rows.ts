import { toDense } from '../../reference/float32/rows.ts'
import { oneOf } from './draw.ts'
import type { Lab } from './lab.ts'
import type { Law, Trial } from './law.ts'
import { identical } from './measured.ts'
import { nonZero, productInFloat32 } from './mutants.ts'

const CHOOSING = ['sparsifiner/eq2', 'sparsifiner/eq3']
const ATTENDING = ['sparsifiner/eq4', 'sparsifiner/eq5', 'sparsifiner/eq6']

/** Laws of compressed rows: a way of computing, not of asking. */
export const sparseRowLaws: readonly Law[] = [
  {
    id: 'choosing-by-compressed-rows-is-choosing-by-whole-rows',
    statement: 'Eqs. (2) and (3) give on compressed rows the bits that they give on whole rows.',
    source: 'contract: Eqs. 2–6 also exist on compressed rows (CSR), with the same numbers as the dense text',
    equations: CHOOSING,
    holds: (lab, trial) => sameOnWholeRows(lab, trial, CHOOSING),
    mutant: {
      name: 'scores summed in float32',
      plant: () => ({ sparseMatmul: (x, y) => nonZero(productInFloat32(toDense(x), toDense(y))) }),
    },
  },
  {
    id: 'attending-by-compressed-rows-is-attending-by-whole-rows',
    statement: 'Eqs. (4), (5) and (6) give on compressed rows the bits that they give on whole rows.',
    source: 'contract: Eqs. 2–6 also exist on compressed rows (CSR), with the same numbers as the dense text',
    equations: ATTENDING,
    holds: (lab, trial) => sameOnWholeRows(lab, trial, ATTENDING),
    mutant: {
      name: 'values summed in float32',
      plant: () => ({ sparseMatmulDense: (x, y) => productInFloat32(toDense(x), y) }),
    },
  },
]

function sameOnWholeRows(lab: Lab, trial: Trial, ids: readonly string[]): void {
  const [id] = oneOf(ids, trial)
  const question = lab.sample(id, trial)
  const [compressed, whole] = [lab.answer(question), lab.answerOnWholeRows(question)]
  for (const [name, { kind, judgedAt }] of Object.entries(question.equation.exposes)) {
    // outside the mask these mean nothing, and only compressed rows leave them out
    if (judgedAt !== undefined) continue
    if (kind === 'mask') identical(`${id} ${name}`, compressed.mask(name), whole.mask(name))
    else identical(`${id} ${name}`, compressed.tensor(name), whole.tensor(name))
  }
}
