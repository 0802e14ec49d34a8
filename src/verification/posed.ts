import { equations as numbered } from '../catalogue/index.ts'
import { probesFor } from '../catalogue/probes/index.ts'
import type { Equation } from '../catalogue/schema.ts'
import { drawn, probed, type Posed } from './cases.ts'
import { photographed } from './images.ts'

/** What is asked in a verification. */
export interface Asked {
  readonly seed: number
  /** Drawn questions of each equation. */
  readonly cases: number
  /** Photographs, by their files. */
  readonly image: readonly string[]
}

/** Equations on one photograph: Sparsifiner's Eq. (4) is asked both ways. */
const QUESTIONS_PER_IMAGE = numbered.length + 1

/**
 * All questions of a verification: drawn, of probes, on photographs.
 * @throws QuestionError naming the photograph that cannot be read
 */
export async function* posedFor(
  equations: readonly Equation[],
  { seed, cases, image }: Asked,
): AsyncGenerator<Posed> {
  for (const equation of equations) {
    yield* drawn(equation, seed, cases)
    yield* probed(equation, seed)
  }
  for (const file of image) yield* photographed(equations, file, seed)
}

/** At most how many they are. */
export function mostPosed(equations: readonly Equation[], { cases, image }: Asked): number {
  const probes = equations.reduce((sum, equation) => sum + probesFor(equation).length, 0)
  return equations.length * cases + probes + image.length * QUESTIONS_PER_IMAGE
}

/** In a few words. */
export function describePosed({ question, file, probe }: Posed): string {
  const { id } = question.equation
  if (file !== null) return `${file} ${id}`
  return probe === undefined ? id : `${id} ${probe.name}`
}
