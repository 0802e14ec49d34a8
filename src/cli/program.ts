import { Command, CommanderError } from 'commander'
import { GpuError } from '../../gpu/index.ts'
import { QuestionError } from '../errors.ts'
import { version } from '../version.ts'
import { certifyCommand } from './commands/certify.ts'
import { checkCommand } from './commands/check.ts'
import { emitCommand } from './commands/emit.ts'
import { goldenCommand } from './commands/golden.ts'
import { gpuCommand } from './commands/gpu.ts'
import { listCommand } from './commands/list.ts'
import { profileCommand } from './commands/profile.ts'
import { runCommand } from './commands/run.ts'
import { sensitivityCommand } from './commands/sensitivity.ts'
import { simulateCommand } from './commands/simulate.ts'
import { verifyCommand } from './commands/verify.ts'
import { HELD, NOT_ASKED } from './options.ts'
import { refuseRepeats } from './repeats.ts'
import { terminal } from './terminal.ts'

/**
 * Runs the command line.
 * @returns the exit code: 0 all held, 1 something judged wrong, 2 the question could not be asked
 */
export async function run(args: readonly string[]): Promise<number> {
  let code: number = HELD
  const done = (result: number): void => {
    code = result
  }
  const program = new Command('touchstone')
    .description(
      'Judges runtimes of token-sparse vision transformers (STViT, Sparsifiner) against their equations.',
    )
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .addHelpText(
      'afterAll',
      '\nExit codes: 0 all held, 1 something judged wrong, 2 the question could not be asked.',
    )
  for (const command of [
    verifyCommand,
    listCommand,
    emitCommand,
    runCommand,
    checkCommand,
    profileCommand,
    simulateCommand,
    goldenCommand,
    certifyCommand,
    sensitivityCommand,
    gpuCommand,
  ]) {
    program.addCommand(inherit(command(done), program))
  }
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? HELD : NOT_ASKED
    if (error instanceof QuestionError || error instanceof GpuError) {
      terminal.err(`touchstone: ${error.message}`)
      return NOT_ASKED
    }
    throw error
  }
}

/** Commands that were made before they were added inherit nothing by themselves. All refuse an option given twice. */
function inherit(command: Command, from: Command): Command {
  command.copyInheritedSettings(from)
  refuseRepeats(command)
  for (const inner of command.commands) inherit(inner, from)
  return command
}

/** Commander puts its suggestions on a second line. */
function oneLine(text: string): string {
  return `${text
    .trimEnd()
    .replace(/^error: /, 'touchstone: ')
    .replaceAll(/\s*\n\s*/g, ' ')}\n`
}
