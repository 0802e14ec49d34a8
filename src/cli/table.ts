import { stripVTControlCharacters } from 'node:util'
import Table from 'cli-table3'

/** Between columns. */
const GAP = '  '
/** Columns up to this width are not narrowed: numbers stay beside one another. */
const NARROW = 14

/**
 * Rows under headings, columns aligned, without lines: easy to read, and to grep. In a terminal that is too narrow cells are
 * wrapped, as far as that makes the table fit without breaking a word.
 * @param room how wide it may be; elsewhere than in a terminal as wide as it wants
 */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  room: number = process.stdout.isTTY ? process.stdout.columns : Infinity,
): string {
  const free = room - GAP.length * (headings.length - 1)
  const widthsOf = (cells: readonly (readonly string[])[]): Width[] =>
    headings.map((_, i) => widthOf([headings, ...cells].map((row) => row[i] ?? '')))
  const glued = rows.map((row) => row.map(glue))
  const whole = fit(widthsOf(glued), free)
  const colWidths = whole ?? fit(widthsOf(rows), free)
  const plain = new Table({
    head: [...headings],
    ...(colWidths === undefined ? {} : { colWidths, wordWrap: true }),
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: GAP,
    },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  })
  for (const row of whole === undefined ? rows : glued) plain.push([...row])
  return plain.toString().replaceAll(GLUE, ' ').replaceAll(/ +$/gm, '')
}

/** Stands for a space at which no line is broken; for private use, and no white space. */
const GLUE = '\ue000'

/** Keeps `X [.., H, W, C]` on one line. */
function glue(cell: string): string {
  return cell.replaceAll(/ \[[^\]]*\]/g, (shape) => shape.replaceAll(' ', GLUE))
}

/** How wide a column wants to be, and how wide it must be. */
interface Width {
  readonly most: number
  readonly least: number
}

function widthOf(cells: readonly string[]): Width {
  const texts = cells.map((cell) => stripVTControlCharacters(cell))
  const widest = (parts: readonly string[]): number => Math.max(0, ...parts.map((part) => part.length))
  const most = widest(texts)
  return { most, least: Math.max(Math.min(most, NARROW), widest(texts.flatMap((text) => text.split(' ')))) }
}

/** The widest columns narrowed until all fit; undefined where they do as they are, or cannot. */
function fit(widths: readonly Width[], room: number): number[] | undefined {
  const under = (cap: number): number[] =>
    widths.map(({ most, least }) => Math.max(least, Math.min(most, cap)))
  const total = (cap: number): number => under(cap).reduce((sum, width) => sum + width, 0)
  let cap = Math.max(...widths.map(({ most }) => most))
  if (total(cap) <= room || total(0) > room) return undefined
  while (total(cap) > room) cap--
  return under(cap)
}
