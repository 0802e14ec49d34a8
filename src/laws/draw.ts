import { random, type Random } from '../random.ts'
import type { Trial } from './law.ts'
import { range } from './rearrange.ts'

/** One of `all` for this trial, and a source for the law's other draws. */
export function oneOf<T>(all: readonly T[], trial: Trial): readonly [T, Random] {
  const source = random(trial.seed).fork('law')
  return [source.pick(all), source]
}

/** 0, 1, …, n − 1 in random order (Fisher and Yates). */
export function permutation(source: Random, n: number): number[] {
  const order = range(n)
  for (let i = n - 1; i > 0; i--) {
    const j = source.integer(0, i)
    ;[order[i], order[j]] = [order[j], order[i]]
  }
  return order
}
