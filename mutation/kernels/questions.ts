import type { Gpu } from '../../gpu/index.ts'
import { readKernelFile } from '../../gpu/kernel-source.ts'
import { answerOn } from '../../src/arithmetics/gpu.ts'
import { catalogue } from '../../src/catalogue/index.ts'
import { drawn, judging, probed, type JudgeCase, type Posed } from '../../src/verification/cases.ts'
import { hasComposites } from '../../src/verification/gpu.ts'

/** A question that `verify` asks, in one of the two ways that it asks. */
export interface Asked {
  readonly name: string
  readonly posed: Posed
  readonly fuse: boolean
  /** The files that its kernels are made of. */
  readonly files: ReadonlySet<string>
  /** Made when it is first wanted: truth takes longer than an answer. */
  judge(): JudgeCase
}

/** Everything that `verify` asks the GPU, probes first, since they are small. */
export async function questionsOn(gpu: Gpu, cases: number): Promise<Asked[]> {
  const asked: Asked[] = []
  for (const equation of catalogue) {
    for (const posed of [...probed(equation, 1), ...drawn(equation, 1, cases)]) {
      const judge = once(() => judging(posed))
      for (const fuse of hasComposites(equation) ? [false, true] : [false]) {
        const name = `${equation.id}${fuse ? ' fused' : ''} ${posed.probe?.name ?? posed.seed}`
        asked.push({ name, posed, fuse, judge, files: await filesOf(gpu, posed, fuse) })
      }
    }
  }
  return asked
}

/** Answers it on `gpu`; fused, outputs alone. */
export async function passes(gpu: Gpu, { posed: { question }, fuse, judge }: Asked): Promise<boolean> {
  const isOutput = (name: string): boolean => question.equation.exposes[name].output === true
  const answer = await answerOn(gpu, question, fuse, fuse ? isOutput : () => true)
  return judge()(answer).verdict === 'pass'
}

async function filesOf(gpu: Gpu, { question }: Posed, fuse: boolean): Promise<ReadonlySet<string>> {
  const files = new Set<string>()
  const noting = gpu.reading((name) => {
    files.add(name)
    return readKernelFile(name)
  })
  await answerOn(noting, question, fuse, (name) => !fuse || question.equation.exposes[name].output === true)
  return files
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
