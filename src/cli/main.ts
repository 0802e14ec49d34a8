#!/usr/bin/env node
import { deviceHung } from '../../gpu/index.ts'
import { reason } from '../files.ts'
import { NOT_ASKED } from './options.ts'
import { run } from './program.ts'

/** A crash is neither "judged wrong" nor "could not be asked". */
const CRASHED = 70

// a reader that has seen enough (`| head`) is no error
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.exit(CRASHED)
})
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return
  process.stderr.write(
    `touchstone: standard output: expected a place that can be written, found ${reason(error)}\n`,
  )
  process.exit(NOT_ASKED)
})

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`touchstone: this is a bug in Touchstone, please report it: ${text}\n`)
  process.exitCode = CRASHED
}
// what hangs on a device keeps the process from ending
if (deviceHung()) process.exit()
