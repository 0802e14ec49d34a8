import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { fromU8, type TensorFile } from './raw-tensor.ts'
import { encode } from './safetensors.ts'
import { readTensorFile, writeTensorFile } from './tensor-files.ts'
import { complaintOf } from './testing.ts'

vi.mock('node:fs', { spy: true })

const tiny: TensorFile = {
  metadata: new Map([['note', 'n']]),
  tensors: new Map([['x', fromU8(new Uint8Array([1, 2]), [2])]]),
}

let folder: string
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'touchstone-'))
})
afterEach(() => {
  vi.mocked(fs.renameSync).mockReset()
  vi.mocked(fs.writeFileSync).mockReset()
  fs.rmSync(folder, { recursive: true })
})

describe('reading', () => {
  test('what was written', () => {
    const path = join(folder, 'a.safetensors')
    writeTensorFile(path, tiny)
    const { metadata, tensors } = readTensorFile(path)
    expect([...metadata]).toEqual([['note', 'n']])
    expect([...(tensors.get('x')?.bytes ?? [])]).toEqual([1, 2])
  })

  test('a missing file', () => {
    const file = join(folder, 'no')
    const found = 'no such file or directory (ENOENT)'
    expect(complaintOf(() => readTensorFile(file))).toEqual({
      file,
      expected: 'a file that can be read',
      found,
    })
  })

  test('a file in what is no folder', () => {
    fs.writeFileSync(join(folder, 'a'), '')
    expect(complaintOf(() => readTensorFile(join(folder, 'a', 'b'))).found).toBe('not a directory (ENOTDIR)')
  })

  test('a path that leads nowhere', () => {
    fs.symlinkSync('loop', join(folder, 'loop'))
    expect(complaintOf(() => readTensorFile(join(folder, 'loop'))).found).toMatch('(ELOOP)')
    expect(complaintOf(() => readTensorFile('a\0b')).found).toMatch('null bytes')
    expect(complaintOf(() => readTensorFile('')).found).toMatch('(ENOENT)')
  })

  test('a file without permission', ({ skip }) => {
    skip(process.getuid?.() === 0, 'root may read everything')
    fs.writeFileSync(join(folder, 'a'), '', { mode: 0 })
    expect(complaintOf(() => readTensorFile(join(folder, 'a'))).found).toBe('permission denied (EACCES)')
  })

  test('a folder', () => {
    const found = 'a directory'
    expect(complaintOf(() => readTensorFile(folder))).toEqual({
      file: folder,
      expected: 'a regular file',
      found,
    })
  })

  test('a pipe, without waiting for a writer', ({ skip }) => {
    const path = join(folder, 'pipe')
    skip(spawnSync('mkfifo', [path]).status !== 0, 'no mkfifo')
    expect(complaintOf(() => readTensorFile(path)).found).toBe('a pipe, device or socket')
  })

  test('a file over 2 GiB, by its size alone', () => {
    const path = join(folder, 'big')
    fs.writeFileSync(path, '')
    fs.truncateSync(path, 2 ** 31)
    expect(complaintOf(() => readTensorFile(path))).toEqual({
      file: path,
      expected: 'at most 2147483647 bytes (2 GiB)',
      found: '2147483648',
    })
  })

  test('a file as large as may be', () => {
    const path = join(folder, 'big')
    fs.writeFileSync(path, '')
    fs.truncateSync(path, 2 ** 31 - 1)
    // The reading itself would take 2 GiB of memory and ten seconds.
    vi.mocked(fs.readFileSync).mockReturnValueOnce(Buffer.from('hello'))
    expect(complaintOf(() => readTensorFile(path)).expected).toBe('at least 8 bytes')
  })

  test('a file that is not safetensors', () => {
    const file = join(folder, 'a')
    fs.writeFileSync(file, 'hello')
    expect(complaintOf(() => readTensorFile(file))).toMatchObject({
      file,
      expected: 'at least 8 bytes',
      found: '5',
    })
  })
})

describe('writing', () => {
  const list = () => fs.readdirSync(folder)

  test('leaves the file alone in its folder', () => {
    writeTensorFile(join(folder, 'a'), tiny)
    expect(list()).toEqual(['a'])
    expect(new Uint8Array(fs.readFileSync(join(folder, 'a')))).toEqual(encode(tiny))
  })

  test('replaces what is there', () => {
    const path = join(folder, 'a')
    fs.writeFileSync(path, 'something longer than what replaces it'.repeat(100))
    writeTensorFile(path, tiny)
    expect(readTensorFile(path).tensors.size).toBe(1)
    expect(list()).toEqual(['a'])
  })

  test('follows a link and keeps it', () => {
    fs.mkdirSync(join(folder, 'real'))
    fs.writeFileSync(join(folder, 'real', 'a'), '')
    fs.symlinkSync(join('real', 'a'), join(folder, 'link'))
    writeTensorFile(join(folder, 'link'), tiny)
    expect(fs.lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true)
    expect(readTensorFile(join(folder, 'real', 'a')).tensors.size).toBe(1)
  })

  test('takes the longest name a folder may hold', () => {
    writeTensorFile(join(folder, 'n'.repeat(255)), tiny)
    expect(complaintOf(() => writeTensorFile(join(folder, 'n'.repeat(256)), tiny)).found).toMatch(
      '(ENAMETOOLONG)',
    )
    expect(list()).toEqual(['n'.repeat(255)])
  })

  test('over a folder is refused', () => {
    const found = 'a directory'
    expect(complaintOf(() => writeTensorFile(folder, tiny))).toEqual({
      file: folder,
      expected: 'a regular file',
      found,
    })
  })

  test('over a device is refused', ({ skip }) => {
    skip(!fs.existsSync('/dev/null'), 'no /dev/null')
    expect(complaintOf(() => writeTensorFile('/dev/null', tiny)).found).toBe('a pipe, device or socket')
  })

  test('into a missing folder is refused', () => {
    const file = join(folder, 'no', 'a')
    const found = 'no such file or directory (ENOENT)'
    expect(complaintOf(() => writeTensorFile(file, tiny))).toEqual({
      file,
      expected: 'a place that can be written',
      found,
    })
  })

  test('to a name that ends like a folder is refused, nothing is left', () => {
    expect(complaintOf(() => writeTensorFile(join(folder, 'a/'), tiny)).file).toBe(join(folder, 'a/'))
    expect(list()).toEqual([])
  })

  test('what cannot be encoded names the file and the tensor, and leaves what was there', () => {
    const file = join(folder, 'a')
    fs.writeFileSync(file, 'old')
    const broken = { ...tiny, tensors: new Map([['x', { ...fromU8(new Uint8Array(2), [2]), shape: [3] }]]) }
    expect(complaintOf(() => writeTensorFile(file, broken))).toMatchObject({ file, tensor: 'x' })
    expect(fs.readFileSync(file, 'utf8')).toBe('old')
    expect(list()).toEqual(['a'])
  })

  test('leaves what was there, and no temporary, when renaming fails', () => {
    const path = join(folder, 'a')
    fs.writeFileSync(path, 'old')
    vi.mocked(fs.renameSync).mockImplementation(() => {
      throw new Error('no luck')
    })
    expect(complaintOf(() => writeTensorFile(path, tiny)).found).toBe('no luck')
    expect(fs.readFileSync(path, 'utf8')).toBe('old')
    expect(list()).toEqual(['a'])
  })

  test('is not ended half way by Ctrl-C, and nobody listens afterwards', () => {
    const listening = (): number[] =>
      ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => process.listenerCount(signal))
    const before = listening()
    const during = [fs.writeFileSync, fs.renameSync].map((work) => {
      let found: number[] = []
      vi.mocked(work).mockImplementationOnce(() => {
        found = listening()
      })
      return () => found
    })
    writeTensorFile(join(folder, 'a'), tiny)
    for (const found of during) expect(found()).toEqual(before.map((count) => count + 1))
    expect(listening()).toEqual(before)
  })

  test('leaves what was there, and no temporary, when the disk fills half way', () => {
    const path = join(folder, 'a')
    fs.writeFileSync(path, 'old')
    vi.mocked(fs.writeFileSync).mockImplementation((target) => {
      fs.closeSync(fs.openSync(String(target), 'w'))
      throw Object.assign(new Error('full'), { errno: -28 })
    })
    expect(complaintOf(() => writeTensorFile(path, tiny)).found).toBe('no space left on device (ENOSPC)')
    expect(fs.readFileSync(path, 'utf8')).toBe('old')
    expect(list()).toEqual(['a'])
  })
})
