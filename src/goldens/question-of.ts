import type { Question } from '../cases/question.ts'
import { encode } from '../cases/safetensors.ts'
import { writeCase } from '../cases/write-case.ts'
import { SEED, type Recipe } from './recipe.ts'

/** The bytes of a question alone, with the metadata of the file it was read from. */
export function encodeQuestion(question: Question, metadata: ReadonlyMap<string, string>): Uint8Array {
  const free = [...metadata].filter(([key]) => !['touchstone', 'equation', 'config'].includes(key))
  return encode(writeCase(question, new Map(free)))
}

/** The bytes of the recipe's question alone: what a golden must still ask. */
export function questionBytes(recipe: Recipe): Uint8Array {
  return encode(writeCase(recipe.question(), metadataOf(recipe)))
}

/** What a golden says of where it comes from. */
export function metadataOf({ name, why }: Recipe): ReadonlyMap<string, string> {
  return new Map([
    ['source', 'touchstone golden update: scalar transcription, correctly rounded to float64'],
    ['seed', `${SEED} ${name}`],
    ['note', why],
  ])
}
