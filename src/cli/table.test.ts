import { describe, expect, test } from 'vitest'
import { table } from './table.ts'

const headings = ['equation', 'inputs', '']
const rows = [
  ['sparsifiner/linformer', 'Q [.., n, d], K [.., n, d], V [.., n, d]', 'the baseline of equal cost'],
  ['stvit/eq4', 'X_w [.., kh, kw, C]', 'a mask'],
]
const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length))
const words = (text: string): string[] =>
  text
    .split(/\s+/)
    .filter((word) => word !== '')
    .toSorted()

describe('a table', () => {
  test('is as wide as it wants where nothing says how wide that may be', () => {
    const text = table(headings, rows)
    expect(text.split('\n')).toHaveLength(3)
    expect(widest(text)).toBe(91)
    expect(table(headings, rows, 91)).toBe(text)
  })

  test.each([90, 80, 60])('wraps its cells to fit %i columns, and loses nothing', (room) => {
    const text = table(headings, rows, room)
    expect(widest(text)).toBeLessThanOrEqual(room)
    expect(words(text)).toEqual(words(table(headings, rows)))
  })

  test('keeps a tensor on one line where there is room', () => {
    for (const tensor of ['Q [.., n, d],', 'V [.., n, d]', 'X_w [.., kh, kw, C]'])
      expect(table(headings, rows, 80)).toContain(tensor)
    expect(table(headings, rows, 56)).not.toContain('X_w [.., kh, kw, C]')
    expect(words(table(headings, rows, 56))).toEqual(words(table(headings, rows)))
  })

  test('breaks no word: what cannot fit is left as it is', () => {
    expect(table(headings, rows, 40)).toBe(table(headings, rows))
    expect(table(headings, rows, 60)).toContain('sparsifiner/linformer')
  })

  test('leaves numbers beside one another', () => {
    const numbers = [['pass 0.97 3.8', 'a long title that may as well be wrapped']]
    expect(table(['GPU', ''], numbers, 40)).toContain('pass 0.97 3.8  a long')
  })

  test('does not count colours', () => {
    const dim = rows.map((row) => row.map((cell) => `\u001b[2m${cell}\u001b[22m`))
    expect(table(headings, dim, 91).split('\n')).toHaveLength(3)
  })
})
