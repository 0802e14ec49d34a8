import { certain } from '../../reference/exact/index.ts'
import { encode } from '../cases/safetensors.ts'
import { writeCase } from '../cases/write-case.ts'
import { version } from '../version.ts'
import { sha256 } from './hash.ts'
import type { GoldenEntry } from './manifest.ts'
import { metadataOf } from './question-of.ts'
import type { Recipe } from './recipe.ts'

/** A golden case as it is to lie in the folder. */
export interface Golden {
  readonly bytes: Uint8Array
  readonly entry: GoldenEntry
}

/**
 * Makes a golden: the recipe's question with every output and intermediate from the scalar transcription, correctly rounded
 * to float64; masks U8.
 */
export function makeGolden(recipe: Recipe): Golden {
  const question = recipe.question()
  const { float64, digits } = certain(question)
  const bytes = encode(writeCase(question, metadataOf(recipe), float64))
  return {
    bytes,
    entry: { sha256: sha256(bytes), id: recipe.id, name: recipe.name, why: recipe.why, digits },
  }
}

/** Who makes goldens. */
export const GENERATOR: { readonly name: string; readonly version: string } = {
  name: 'vit-touchstone, scalar transcriptions in reference/exact',
  version: version,
}
