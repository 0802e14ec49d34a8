import type { Answerer } from '../arithmetics/index.ts'
import type { Equation } from '../catalogue/schema.ts'
import { decodeImage } from '../images/decode.ts'
import { embedImage } from '../images/embed.ts'
import { preprocess } from '../images/preprocess.ts'
import { imageQuestions } from '../images/questions.ts'
import { judgeAnswer, type CaseResult } from './cases.ts'

/**
 * Judges the arithmetic on a photograph: every equation at DeiT-S size on its tokens.
 * @throws QuestionError naming the file where it is no PNG or JPEG that can be read
 */
export async function* imageCases(
  answerer: Answerer,
  equations: readonly Equation[],
  file: string,
  seed: number,
): AsyncGenerator<CaseResult> {
  const embedded = embedImage(preprocess(await decodeImage(file)), seed)
  for (const question of imageQuestions(embedded, seed)) {
    if (equations.includes(question.equation)) yield judgeAnswer(answerer, question, file, seed)
  }
}
