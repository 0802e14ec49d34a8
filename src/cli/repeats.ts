import type { Command } from 'commander'
import { QuestionError } from '../errors.ts'

/**
 * Refuses an option that takes one value and is given two: commander would take the last and say nothing of the first. Options that collect
 * values, and flags, which say the same however often, may be repeated.
 */
export function refuseRepeats(command: Command): void {
  for (const option of command.options) {
    const collects = option.variadic || Array.isArray(option.defaultValue)
    if (collects || option.isBoolean()) continue
    let first: string | undefined
    command.on(`option:${option.name()}`, (value: string) => {
      if (first !== undefined) {
        throw new QuestionError({
          tensor: option.long ?? option.flags,
          expected: 'one value',
          found: `"${first}" and "${value}"`,
        })
      }
      first = value
    })
  }
}
