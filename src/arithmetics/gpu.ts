import { openGpu, type AdapterReport, type Gpu, type GpuOptions } from '../../gpu/index.ts'
import type { Value } from '../../reference/evaluator.ts'
import type { Question } from '../cases/question.ts'
import { evaluate } from './evaluate.ts'

/** As given to `--arithmetic`. */
export const GPU = 'gpu'

/** The arithmetic on a GPU. Its answers come later: reading from a device takes a while and blocks nobody. */
export interface GpuAnswerer {
  readonly name: typeof GPU
  readonly adapter: AdapterReport
  /**
   * Evaluates the question in one submit.
   * @returns every exposed tensor by name, outputs and intermediates, in order of computing
   */
  answer(question: Question): Promise<ReadonlyMap<string, Value>>
  /**
   * Evaluates it with every composite one kernel inside which nothing lies that is wanted.
   * @returns what is wanted, the outputs if not told, by name
   */
  answerFused(question: Question, wanted?: (name: string) => boolean): Promise<ReadonlyMap<string, Value>>
  /** Gives the device back. */
  close(): void
}

/**
 * Opens a GPU to answer questions on.
 * @throws GpuError where there is none
 */
export async function openGpuAnswerer(options: GpuOptions = {}): Promise<GpuAnswerer> {
  const gpu = await openGpu(options)
  return {
    name: GPU,
    adapter: gpu.report,
    answer: (question) => answerOn(gpu, question, false, () => true),
    answerFused(question, wanted = (name) => question.equation.exposes[name].output === true) {
      return answerOn(gpu, question, true, wanted)
    },
    close: () => gpu.close(),
  }
}

/**
 * The tensors of a question's answer that are `wanted`, by name; `fuse`: with a kernel for each composite inside which nothing wanted lies.
 */
export async function answerOn(
  gpu: Gpu,
  question: Question,
  fuse: boolean,
  wanted: (name: string) => boolean,
): Promise<ReadonlyMap<string, Value>> {
  const session = await gpu.session({ fuse })
  try {
    const exposed = [...evaluate(session, question)].filter(([name]) => wanted(name))
    const values = await session.read(exposed.map(([, x]) => x))
    return new Map(exposed.map(([name], i) => [name, values[i]]))
  } finally {
    session.close()
  }
}
