import picomatch from 'picomatch'
import { catalogue } from '../catalogue/index.ts'
import type { Equation } from '../catalogue/schema.ts'
import { hintFor } from '../cases/suggest.ts'
import { QuestionError } from '../errors.ts'

/**
 * The equations whose id matches. Star matches across the slash too: `*eq1` is eq1 of both papers.
 * @throws QuestionError where none does
 */
export function matching(glob: string): readonly Equation[] {
  const matches = glob === '' ? () => false : picomatch(glob, { bash: true })
  const found = catalogue.filter(({ id }) => matches(id))
  if (found.length > 0) return found
  const hint = hintFor(
    glob,
    catalogue.map(({ id }) => id),
  )
  throw new QuestionError({
    tensor: '--equation',
    expected: 'a pattern that some equation matches',
    found: `"${glob}"`,
    hint,
  })
}
