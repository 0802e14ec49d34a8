import { Presets, SingleBar } from 'cli-progress'
import picocolors from 'picocolors'

/** Where a command writes: results to `out`, trouble to `err`. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
}

export const terminal: Terminal = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
}

const { NO_COLOR, FORCE_COLOR } = process.env
// picocolors alone would also colour wherever CI is set, into files and pipes
const { green, red, yellow, dim, bold } = picocolors.createColors(
  !NO_COLOR && (FORCE_COLOR ? FORCE_COLOR !== '0' : process.stdout.isTTY),
)

export const paint: Record<'dim' | 'bold' | 'verdict', (text: string) => string> = {
  dim,
  bold,
  verdict: (verdict) =>
    verdict === 'pass'
      ? green(verdict)
      : verdict === 'suspect' || verdict === 'not-judged'
        ? yellow(verdict)
        : red(verdict),
}

/** A progress bar on standard error; nothing where that is not a terminal. */
export interface Progress {
  step(label: string): void
  stop(): void
}

export function progress(total: number): Progress {
  if (!process.stderr.isTTY || total < 2) return { step: () => undefined, stop: () => undefined }
  const bar = new SingleBar(
    {
      format: '{bar} {value}/{total} {label}',
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
    },
    Presets.shades_classic,
  )
  bar.start(total, 0, { label: '' })
  return { step: (label) => bar.increment(1, { label }), stop: () => bar.stop() }
}
