import type { Recipe } from './recipe.ts'
import { sparsifinerAttentionRecipes } from './sparsifiner-attention.ts'
import { sparsifinerLossRecipes } from './sparsifiner-losses.ts'
import { stvitRecipes } from './stvit.ts'

/** Every golden case, at least six an equation. */
export const recipes: readonly Recipe[] = [
  ...stvitRecipes,
  ...sparsifinerAttentionRecipes,
  ...sparsifinerLossRecipes,
]

/** Where a recipe's case lies in the golden folder. */
export function pathOf({ id, name }: Recipe): string {
  return `exact/${id}/${name}.safetensors`
}
