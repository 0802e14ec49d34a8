import { openGpu, type AdapterReport, type GpuOptions } from '../../gpu/index.ts'
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
    async answer(question) {
      const session = await gpu.session()
      try {
        const exposed = evaluate(session, question)
        const values = await session.read([...exposed.values()])
        return new Map([...exposed.keys()].map((name, i) => [name, values[i]]))
      } finally {
        session.close()
      }
    },
    close: () => gpu.close(),
  }
}
