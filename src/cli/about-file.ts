import { QuestionError } from '../errors.ts'

/** Runs `work`; a question that cannot be asked is then about `file`. */
export function aboutFile<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof QuestionError ? error.inFile(file) : error
  }
}
