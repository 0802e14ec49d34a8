import type { Command } from 'commander'
import { QuestionError, type Complaint } from '../errors.ts'

/** Where commander says that an option was typed; else it is a default, or of the environment. */
const TYPED = 'cli'

/**
 * Refuses options that were typed and would count for nothing, because of what else was asked. What the environment
 * says is for every command of a shell, and may count for nothing.
 * @param keys as commander names them: `gpuTimeout`
 * @throws QuestionError naming the first of them
 */
export function refuseIdle(
  command: Command,
  keys: readonly string[],
  complaint: Pick<Complaint, 'expected' | 'found'>,
): void {
  const idle = command.options.find(
    (option) =>
      keys.includes(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === TYPED,
  )
  if (idle !== undefined) throw new QuestionError({ tensor: idle.long ?? idle.flags, ...complaint })
}

/** What of an option is to be named as found: its flag, or the variable that said it. */
export function saidBy(command: Command, key: string): string {
  const option = command.options.find((some) => some.attributeName() === key)
  const isTyped = command.getOptionValueSource(key) === TYPED
  return isTyped || option?.envVar === undefined
    ? (option?.long ?? key)
    : `${option.envVar} in the environment`
}
