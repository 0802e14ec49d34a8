import Table from 'cli-table3'

/** Rows under headings, columns aligned, without lines: easy to read, and to grep. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const plain = new Table({
    head: [...headings],
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
      middle: '  ',
    },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  })
  plain.push(...rows.map((row) => [...row]))
  return plain.toString().replaceAll(/ +$/gm, '')
}
