/** A piece of the device's memory, in words of 32 bits; there once a program that names it has run. */
export interface Storage {
  readonly id: number
  readonly words: number
}

/** One run of a kernel. Plain data, so that a program can be handed to another thread. */
export interface Dispatch {
  /** The file `gpu/kernels/NAME.wgsl`. */
  readonly kernel: string
  /** Values of the kernel's `override` constants. */
  readonly constants: Readonly<Record<string, number>>
  /** The words of its uniform, in the order of the struct. */
  readonly uniform: Uint32Array
  /** The storages it reads and writes, in the order of its bindings. */
  readonly bindings: readonly Storage[]
  readonly invocations: number
}

export interface Upload {
  readonly storage: Storage
  readonly data: Float32Array | Uint32Array
}

/** What has been recorded and not run yet. */
export interface Program {
  readonly uploads: Upload[]
  readonly dispatches: Dispatch[]
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
  /** What was recorded since the last time. */
  take(): Program
}

/** A run of a kernel but for what it writes, which comes after `reads`. */
export interface Run {
  readonly kernel: string
  readonly reads: readonly Storage[]
  readonly uniform: readonly Word[]
  readonly invocations: number
  readonly constants?: Readonly<Record<string, number>>
}

let created = 0

export function recorder(): Recorder {
  let program: Program = { uploads: [], dispatches: [] }
  const allocate = (words: number): Storage => ({ id: created++, words })
  const dispatch = (run: Run, bindings: readonly Storage[]): void => {
    const { kernel, constants = {}, uniform, invocations } = run
    if (invocations > 0) {
      program.dispatches.push({ kernel, constants, uniform: wordsOf(uniform), bindings, invocations })
    }
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
    take() {
      const taken = program
      program = { uploads: [], dispatches: [] }
      return taken
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
