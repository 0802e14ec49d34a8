import { Command } from 'commander'
import { profileJsonSchema, profileNamed } from '../../verdict/profile/read.ts'
import { shippedProfiles } from '../../verdict/profile/shipped.ts'
import { refuseIdle } from '../contradictions.ts'
import { HELD } from '../options.ts'
import { table } from '../table.ts'
import { terminal } from '../terminal.ts'

/** `touchstone profile`: what a legal runtime may do. */
export function profileCommand(done: (code: number) => void): Command {
  return new Command('profile')
    .description('the profiles that verdicts are relative to: what a legal runtime may do')
    .argument('[name]', 'print this one, shipped or a file, as JSON: what a file of your own starts from')
    .option('--schema', 'print the JSON Schema of profile files')
    .action(
      (name: string | undefined, { schema = false }: { readonly schema?: boolean }, command: Command) => {
        if (name !== undefined) {
          refuseIdle(command, ['schema'], { expected: 'no profile beside it', found: `"${name}"` })
        }
        if (schema) print(profileJsonSchema())
        else if (name !== undefined) print(profileNamed(name, 'name'))
        else
          terminal.out(
            table(
              ['profile', ''],
              shippedProfiles.map((profile) => [profile.name, profile.about]),
            ),
          )
        done(HELD)
      },
    )
}

function print(value: object): void {
  terminal.out(JSON.stringify(value, null, 2))
}
