import { GpuError } from '../errors.ts'

/** The device did not answer in time. */
export class NoAnswer extends GpuError {}

let hung = false

/**
 * Whether a device was given up on. What it was told may still be running, and the process then does not end by itself:
 * it has to be ended.
 */
export function deviceHung(): boolean {
  return hung
}

/**
 * Waits for `answer`, but not for ever: a shader that never ends is not reported as a lost device, it just never answers.
 * @throws NoAnswer after `seconds`
 */
export async function watch<T>(what: string, seconds: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let grace: NodeJS.Immediate | undefined
  const late = new Promise<never>((_, reject) => {
    const giveUp = (): void => {
      hung = true
      reject(new NoAnswer(`${what}: no answer within ${seconds} s, the device is given up`))
    }
    // timers come first: where this thread was busy all the while, an answer may be there and not yet heard
    timer = setTimeout(() => {
      grace = setImmediate(giveUp)
    }, seconds * 1000)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
    clearImmediate(grace)
  }
}
