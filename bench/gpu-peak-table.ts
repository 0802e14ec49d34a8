import type { Comparison, Peak, Timing } from './suite.ts'

/** Comparisons on a device as a table for docs/gpu.md, with the day and the device. */
export function markdown(comparisons: readonly Comparison[], day: Date): string {
  const devices = new Set(comparisons.flatMap(({ device = [] }) => device))
  const rows = comparisons.flatMap(({ title, unit, peak, timings }) =>
    timings.map((timing, i) => [
      i === 0 ? title : '',
      timing.name,
      `${digits(timing.median)} ms`,
      `${digits(timing.rate)} ${unit}`,
      ...judged(timing, i === 0 ? peak : undefined, i === 0),
    ]),
  )
  const heading = ['work', 'way', 'time', 'rate', 'reached', 'target']
  return [
    `Measured on ${day.toISOString().slice(0, 10)} on ${[...devices].join('; ')}, medians.`,
    '',
    ...aligned([heading, ...rows]),
  ].join('\n')
}

/** What was reached, as a share of a peak or as how many times as long as the first, and whether that was the target. */
function judged({ ratio, rate, target }: Timing, peak: Peak | undefined, first: boolean): [string, string] {
  if (peak !== undefined) {
    const [share, asked] = [rate / peak.rate, peak.target].map((part) => `${(100 * part).toFixed(0)} %`)
    return [`${share} of ${peak.rate}`, `${asked}: ${rate >= peak.target * peak.rate ? 'held' : 'missed'}`]
  }
  if (first) return ['', '']
  const times = `${ratio.toFixed(2)} ×`
  return [times, target === undefined ? '' : `${target} ×: ${ratio >= target ? 'held' : 'missed'}`]
}

/** Three digits, and no exponent. */
function digits(x: number): string {
  return x.toLocaleString('en', { maximumSignificantDigits: 3 })
}

/** As prettier leaves a table. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(3, ...rows.map((row) => row[column].length)))
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const [heading, ...body] = rows.map((row) => line(row.map((cell, column) => cell.padEnd(widths[column]))))
  return [heading, line(widths.map((width) => '-'.repeat(width))), ...body]
}
