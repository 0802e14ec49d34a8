import type { Rate } from '../results.ts'

/** A table of the page, and of what the command prints. */
export interface Table {
  readonly headings: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A table as lines of Markdown. */
export function markdown({ headings, rows }: Table): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)]
}

/** Lines as a list in Markdown. */
export function listed(lines: readonly string[]): string[] {
  return lines.length === 0 ? ['None.'] : lines.map((line) => `- ${line}`)
}

/** `12 / 40`, or a dash where there was nothing. */
export function share({ hits, of }: Rate): string {
  return of === 0 ? '–' : `${hits} / ${of}`
}

/** `99.2 %`; never rounded to 0 or to 100 what is not. */
export function percent({ hits, of }: Rate): string {
  if (of === 0) return '–'
  const value = (100 * hits) / of
  if (hits > 0 && value < 0.1) return '< 0.1 %'
  if (hits < of && value > 99.9) return '> 99.9 %'
  return `${value === 0 || value === 100 ? value : value.toFixed(1)} %`
}
