import { Command } from 'commander'
import { HELD } from '../options.ts'

/** `touchstone verify`: placeholder until verification lands in the next commit. */
export function verifyCommand(done: (code: number) => void): Command {
  return new Command('verify').action(() => done(HELD))
}
