import { describe, expect, test } from 'vitest'
import { complaintOf } from './cases/testing.ts'
import { demandWritable, writeWhole } from './files.ts'

const writers = [
  ['demandWritable', demandWritable],
  ['writeWhole', (path: string) => writeWhole(path, Uint8Array.of(1))],
] as const

describe.each(writers)('%s', (_, write) => {
  test('an empty name is no file of this folder', () => {
    const found = 'an empty name'
    expect(complaintOf(() => write(''))).toEqual({ file: '', expected: 'a place that can be written', found })
  })

  test.each(['/dev/stdout', '/dev/stderr', '/dev/fd/1', '/proc/self/fd/1'])(
    'a stream of this process is not replaced by a file: %s',
    (file) => {
      const found = 'a stream of this process'
      expect(complaintOf(() => write(file))).toEqual({ file, expected: 'a regular file', found })
    },
  )
})
