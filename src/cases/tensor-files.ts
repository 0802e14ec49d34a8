import { readFileSync, statSync } from 'node:fs'
import { QuestionError } from '../errors.ts'
import { attempt, demandRegular, inFile, writeWhole } from '../files.ts'
import type { TensorFile } from './raw-tensor.ts'
import { decode, encode, MAX_FILE_BYTES } from './safetensors.ts'

/**
 * Reads and {@link decode}s the file at `path`, in one piece.
 * @throws QuestionError naming the file: missing, unreadable, not a regular file, over 2 GiB, or not what decode takes
 */
export function readTensorFile(path: string): TensorFile {
  const bytes = attempt(path, 'a file that can be read', () => {
    const stats = statSync(path)
    // Opening a pipe would wait for a writer that may never come.
    demandRegular(stats)
    if (stats.size > MAX_FILE_BYTES) {
      throw new QuestionError({ expected: `at most ${MAX_FILE_BYTES} bytes (2 GiB)`, found: `${stats.size}` })
    }
    return readFileSync(path)
  })
  return inFile(path, () => decode(bytes))
}

/**
 * {@link encode}s `file` and writes it to `path` whole or not at all. A symbolic link to a file is followed and stays.
 * @throws QuestionError naming the file; then nothing was changed and no temporary is left
 */
export function writeTensorFile(path: string, file: TensorFile): void {
  writeWhole(
    path,
    inFile(path, () => encode(file)),
  )
}
