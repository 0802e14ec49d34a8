import { catalogue } from '../catalogue/index.ts'
import type { Question } from '../cases/question.ts'
import { random } from '../random.ts'
import type { Lab } from './lab.ts'
import type { Law, Trial } from './law.ts'
import { identical } from './measured.ts'
import { changed, maskOf, tensorOf } from './questions.ts'
import { reshaped, take, takeMask } from './rearrange.ts'

const BATCH = 3

/** The equations that answer for each element of a batch, or expose something that does. */
const batched = catalogue.filter(({ exposes }) => Object.values(exposes).some(({ dims }) => dims[0] === '..'))
const idsFrom = (paper: string) => batched.map(({ id }) => id).filter((id) => id.startsWith(paper))

/** Laws of leading dimensions. */
export const batchLaws: readonly Law[] = [
  {
    id: 'stvit-batch-elements-do-not-meet',
    statement:
      'What Eqs. (1) to (6) of STViT, and what surrounds them, give for one element of a batch is, bit for bit, what they give for it alone.',
    source: 'contract, conventions: any leading batch dimensions, weights shared over them',
    equations: idsFrom('stvit/'),
    holds: (lab, trial) => elementAlone(lab, trial, idsFrom('stvit/')),
    mutant: {
      name: 'every element of the batch scored against the keys of the first',
      plant: (rules) => ({
        matmulTransposed: (x, y) => rules.matmulTransposed(x, y.shape.length < 4 ? y : ofFirst(y)),
      }),
    },
  },
  {
    id: 'sparsifiner-batch-elements-do-not-meet',
    statement:
      'What Eqs. (1) to (6), the scores of Eq. (10) and the modules around them give for one element of a batch is what they give for it alone.',
    source: 'contract: leading dimensions of Q, K, V are batch and heads, weights shared by all of them',
    equations: idsFrom('sparsifiner/'),
    holds: (lab, trial) => elementAlone(lab, trial, idsFrom('sparsifiner/')),
    mutant: {
      name: 'the keys of the first element projected for the whole batch',
      plant: (rules) => ({ matmul: (x, y) => rules.matmul(x, y.shape.length < 3 ? y : ofFirst(y)) }),
    },
  },
]

function ofFirst(x: Parameters<typeof take>[0]): ReturnType<typeof take> {
  return take(x, 0, new Array<number>(x.shape[0]).fill(0))
}

/** Every equation each time: a batch is where one of them forgets an offset. */
function elementAlone(lab: Lab, trial: Trial, ids: readonly string[]): void {
  for (const id of ids) {
    const question = lab.sample(id, trial, { lead: [BATCH] })
    const element = random(trial.seed)
      .fork(id)
      .integer(0, BATCH - 1)
    const [together, alone] = [lab.answer(question), lab.answer(elementOf(question, element))]
    for (const [name, { dims, kind }] of Object.entries(question.equation.exposes)) {
      if (dims[0] !== '..' || !together.names.includes(name)) continue
      const what = `${id} ${name} of element ${element}`
      if (kind === 'mask') {
        const { shape, data } = takeMask(together.mask(name), 0, [element])
        identical(what, { shape: shape.slice(1), data }, alone.mask(name))
      } else {
        const slice = take(together.tensor(name), 0, [element])
        identical(what, reshaped(slice, slice.shape.slice(1)), alone.tensor(name))
      }
    }
  }
}

/** The question about one element of the batch, without leading dimensions. */
function elementOf(question: Question, element: number): Question {
  const inputs = Object.entries(question.equation.inputs).filter(([, { dims }]) => dims[0] === '..')
  const slices = inputs.map(([input, { kind }]) => {
    const name = `input.${input}`
    if (kind === 'mask') {
      const { shape, data } = takeMask(maskOf(question, name), 0, [element])
      return [name, { shape: shape.slice(1), data }] as const
    }
    const slice = take(tensorOf(question, name), 0, [element])
    return [name, reshaped(slice, slice.shape.slice(1))] as const
  })
  return changed(question, Object.fromEntries(slices))
}
