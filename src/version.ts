import { readFileSync } from 'node:fs'

/** The package's version, from its package.json: two folders up from `dist/src`, one from `src`. */
export const version: string = readVersion()

function readVersion(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const parsed: unknown = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'))
      if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) return String(parsed.version)
    } catch {
      // the other place has it
    }
  }
  return 'unknown'
}
