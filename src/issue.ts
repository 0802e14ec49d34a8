import type { z } from 'zod'
import type { Complaint } from './errors.ts'

/**
 * The first thing wrong with what was read, for a {@link QuestionError}: which field, what was expected, what was found.
 * @param meant what is expected there, where the schema does not say it in words
 */
export function issueOf({ issues }: z.ZodError, meant: string): Complaint {
  const [{ path, message }] = issues
  const [, expected = meant, found = message] = /expected (.*), received (.*)/.exec(message) ?? []
  return { ...(path.length === 0 ? {} : { tensor: path.join('.') }), expected, found }
}
