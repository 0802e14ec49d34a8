import type { Equation } from '../catalogue/schema.ts'
import { decodeImage } from '../images/decode.ts'
import { embedImage } from '../images/embed.ts'
import { preprocess } from '../images/preprocess.ts'
import { imageQuestions } from '../images/questions.ts'
import type { Posed } from './cases.ts'

/**
 * Questions on a photograph: each of the equations at DeiT-S size on its tokens.
 * @throws QuestionError naming the file where it is no PNG or JPEG that can be read
 */
export async function* photographed(
  equations: readonly Equation[],
  file: string,
  seed: number,
): AsyncGenerator<Posed> {
  const embedded = embedImage(preprocess(await decodeImage(file)), seed)
  for (const question of imageQuestions(embedded, seed)) {
    if (equations.includes(question.equation)) yield { question, file, seed }
  }
}
