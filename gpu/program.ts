import { chosen, type Choice } from './choices.ts'

/** A piece of the device's memory, in words of 32 bits; there once a program that names it has run. */
export interface Storage {
  readonly id: number
  readonly words: number
}

/** How much of a kernel is run: one invocation for each piece of the work, or one workgroup. */
export type Extent = { readonly invocations: number } | { readonly workgroups: number }

/** One run of a kernel. Plain data, so that a program can be handed to another thread. */
export type Dispatch = Extent & {
  /** The file `gpu/kernels/NAME.wgsl`. */
  readonly kernel: string
  /** Values of the kernel's `override` constants. */
  readonly constants: Readonly<Record<string, number>>
  /** The words of its uniform, in the order of the struct. */
  readonly uniform: Uint32Array
  /** The storages it reads and writes, in the order of its bindings. */
  readonly bindings: readonly Storage[]
  /** Those of them that it only reads. */
  readonly reads: readonly Storage[]
}

export interface Upload {
  readonly storage: Storage
  readonly data: Float32Array | Uint32Array
}

/** What has been recorded and not run yet. */
export interface Program {
  readonly uploads: readonly Upload[]
  readonly dispatches: readonly Dispatch[]
}

/** A word of a uniform: a whole number, or a real one by its float32 bits. */
export type Word = number | { readonly float: number }

/** Where primitives write down what is to be done. Nothing runs until something is read. */
export interface Recorder {
  upload(data: Float32Array | Uint32Array): Storage
  /** Records a dispatch that fills a new storage of `words`, and gives it back. */
  fill(words: number, run: Run): Storage
  /** Records a dispatch; `bindings` as the kernel declares them. */
  dispatch(run: Run, bindings: readonly Storage[]): void
  allocate(words: number): Storage
  /**
   * Records what `body` does and what `other` does as two ways to the storages that `other` writes, which `body` writes too, among
   * others. `other` is given what comes of `body`, and is the way gone where nothing else asks for what only `body` writes.
   */
  choice<T>(body: () => T, other: (result: T) => void): T
  /** What was recorded since the last time, in order to read `wanted`. */
  take(wanted: readonly Storage[]): Program
}

/** A run of a kernel but for what it writes, which comes after `reads`. */
export type Run = Extent & {
  readonly kernel: string
  readonly reads: readonly Storage[]
  readonly uniform: readonly Word[]
  readonly constants?: Readonly<Record<string, number>>
}

let created = 0

export function recorder(): Recorder {
  let program: { uploads: Upload[]; dispatches: Dispatch[] } = { uploads: [], dispatches: [] }
  let choices: Choice[] = []
  const skipped = new Set<number>()
  const allocate = (words: number): Storage => ({ id: created++, words })
  const dispatch = (run: Run, bindings: readonly Storage[]): void => {
    const { constants = {}, uniform } = run
    const pieces = 'workgroups' in run ? run.workgroups : run.invocations
    if (pieces > 0) program.dispatches.push({ ...run, constants, uniform: wordsOf(uniform), bindings })
  }
  const recordedBy = (body: () => void): Dispatch[] => {
    const start = program.dispatches.length
    body()
    return program.dispatches.splice(start)
  }
  return {
    upload(data) {
      const storage = allocate(data.length)
      program.uploads.push({ storage, data })
      return storage
    },
    fill(words, run) {
      const storage = allocate(words)
      dispatch(run, [...run.reads, storage])
      return storage
    },
    dispatch,
    allocate,
    choice(body, other) {
      const start = program.dispatches.length
      const result = body()
      const end = program.dispatches.length
      const instead = recordedBy(() => other(result))
      if (instead.length > 0) choices.push({ body: program.dispatches.slice(start, end), instead })
      return result
    },
    take(wanted) {
      const { uploads } = program
      const { dispatches, unwritten } = chosen(program.dispatches, choices, wanted)
      for (const { id } of unwritten) skipped.add(id)
      const read = [...wanted, ...dispatches.flatMap(({ reads }) => reads)]
      if (read.some(({ id }) => skipped.has(id))) {
        throw new TypeError('what a fused kernel skipped is read later: read it together with the rest')
      }
      program = { uploads: [], dispatches: [] }
      choices = []
      return { uploads, dispatches }
    },
  }
}

function wordsOf(uniform: readonly Word[]): Uint32Array {
  const words = new Uint32Array(uniform.length)
  const floats = new Float32Array(words.buffer)
  for (const [i, word] of uniform.entries()) {
    if (typeof word === 'number') words[i] = word
    else floats[i] = word.float
  }
  return words
}
