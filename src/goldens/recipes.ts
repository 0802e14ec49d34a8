import type { Recipe } from './recipe.ts'
import { sparsifinerAttentionRecipes } from './sparsifiner-attention.ts'
import { sparsifinerLossRecipes } from './sparsifiner-losses.ts'
import { sparsifinerSurroundingRecipes } from './sparsifiner-surroundings.ts'
import { stvitRecipes } from './stvit.ts'
import { stvitSurroundingRecipes } from './stvit-surroundings.ts'

/** Golden cases of what stands around the equations, at least three each. */
const surroundingRecipes: readonly Recipe[] = [...stvitSurroundingRecipes, ...sparsifinerSurroundingRecipes]

/** Every golden case, at least six an equation. */
export const recipes: readonly Recipe[] = [
  ...stvitRecipes,
  ...sparsifinerAttentionRecipes,
  ...sparsifinerLossRecipes,
  ...surroundingRecipes,
]

/** Where a recipe's case lies in the golden folder. */
export function pathOf({ id, name }: Recipe): string {
  return `exact/${id}/${name}.safetensors`
}
