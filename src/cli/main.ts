#!/usr/bin/env node
import { deviceHung } from '../../gpu/index.ts'
import { run } from './program.ts'

/** A crash is neither "judged wrong" nor "could not be asked". */
const CRASHED = 70

// a reader that has seen enough (`| head`) is no error
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exit(CRASHED)
  })
}

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`touchstone: this is a bug in Touchstone, please report it: ${text}\n`)
  process.exitCode = CRASHED
}
// what hangs on a device keeps the process from ending
if (deviceHung()) process.exit()
