import type { Gpu, GpuSession } from '../gpu/index.ts'
import type { Value } from '../reference/evaluator.ts'
import type { Tensor } from '../reference/tensor.ts'
import { answerOn as answered } from '../src/arithmetics/gpu.ts'
import { float32Dense } from '../reference/float32/index.ts'
import type { Question } from '../src/cases/question.ts'
import { laboratory, type Law, type Trial } from '../src/laws/index.ts'
import type { Answer, Computation, Lab } from '../src/laws/lab.ts'
import { measured, type Measured } from '../src/laws/measured.ts'

/** What a law asked for and nobody has computed yet. */
class Wanted extends Error {
  readonly compute: () => Promise<unknown>

  constructor(compute: () => Promise<unknown>) {
    super('wanted')
    this.compute = compute
  }
}

/**
 * Tries a law on the GPU. Laws wait for nothing, and a device cannot be waited for without giving way. So a law runs
 * until it asks for what is not there, is stopped, and begins again once it is: everything in it follows from the
 * trial, so it asks the same again.
 * @returns how much it asked the GPU
 * @throws LawBroken where it does not hold
 */
export async function holdsOnGpu(gpu: Gpu, law: Law, trial: Trial): Promise<number> {
  const known: unknown[] = []
  for (;;) {
    try {
      law.holds(labOf(gpu, known), trial)
      return known.length
    } catch (error) {
      if (!(error instanceof Wanted)) throw error
      known.push(await error.compute())
    }
  }
}

/** A laboratory that has the results of the first so many requests. */
function labOf(gpu: Gpu, known: readonly unknown[]): Lab {
  let asked = 0
  const recall = <T>(compute: () => Promise<T>, isOne: (x: unknown) => x is T): T => {
    const result = known[asked++]
    if (result === undefined) throw new Wanted(compute)
    if (!isOne(result)) throw new TypeError('a law asked for something else when it was run again')
    return result
  }
  // what is noise, and what whole rows give, does not depend on who computes
  const reference = laboratory(float32Dense())
  return {
    ...reference,
    answer(question) {
      const values = recall(() => answerOn(gpu, question), isAnswer)
      return viewOf(values, () => reference.answer(question))
    },
    compute(computation) {
      const found = recall(() => computeOn(gpu, computation), isTensor)
      return measured(found, () => reference.compute(computation).s2)
    },
  }
}

type Values = ReadonlyMap<string, Value>

export async function answerOn(gpu: Gpu, question: Question): Promise<Values> {
  return answered(gpu, question, false, () => true)
}

/** The same with fused kernels, of which only what is wanted comes back; the outputs where nothing is said. */
export async function fusedOn(
  gpu: Gpu,
  question: Question,
  wanted = (name: string): boolean => question.equation.exposes[name].output === true,
): Promise<Values> {
  return answered(gpu, question, true, wanted)
}

async function computeOn(gpu: Gpu, computation: Computation): Promise<Tensor> {
  return inSession(gpu, async (session) => {
    const x = computation(session.rules, (given) => session.dense(given))
    const [value] = await session.read([{ kind: 'dense', x }])
    if (value.kind !== 'dense') throw new TypeError('no dense tensor')
    return value.tensor
  })
}

async function inSession<T>(gpu: Gpu, work: (session: GpuSession) => Promise<T>): Promise<T> {
  const session = await gpu.session()
  try {
    return await work(session)
  } finally {
    session.close()
  }
}

function viewOf(values: Values, reference: () => Answer): Answer {
  const valueOf = (name: string): Value => {
    const value = values.get(name)
    if (value === undefined) throw new TypeError(`no ${name} is exposed`)
    return value
  }
  const tensorOf = (name: string): Tensor => {
    const value = valueOf(name)
    if (value.kind !== 'dense') throw new TypeError(`${name} is no dense tensor`)
    return value.tensor
  }
  return {
    names: [...values.keys()],
    tensor: tensorOf,
    dense: (name): Measured => measured(tensorOf(name), () => reference().dense(name).s2),
    mask(name) {
      const value = valueOf(name)
      if (value.kind !== 'mask') throw new TypeError(`${name} is no mask`)
      return value.mask
    },
  }
}

const isAnswer = (x: unknown): x is Values => x instanceof Map
const isTensor = (x: unknown): x is Tensor => typeof x === 'object' && x !== null && 'stride' in x

/** Units with MHA and the feed-forward network after it. */
export const layers: readonly string[] = [
  'stvit/eq1',
  'stvit/eq2',
  'stvit/eq6',
  'stvit/local-cross-attention',
  'stvit/stgm',
  'stvit/window-recovery',
  'stvit/dumbbell',
]
/** Units with attention. */
export const attending: readonly string[] = [...layers, 'sparsifiner/attention', 'sparsifiner/linformer']
