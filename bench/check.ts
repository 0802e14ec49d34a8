import { float64 } from '../src/arithmetics/float64.ts'
import { arithmeticNamed } from '../src/arithmetics/index.ts'
import { evaluate } from '../src/arithmetics/evaluate.ts'
import { sample } from '../src/catalogue/sample.ts'
import { findEquation } from '../src/cases/names.ts'
import { rawOf } from '../src/cases/write-case.ts'
import { judge } from '../src/verdict/index.ts'
import { compare, type Comparison, type Suite } from './suite.ts'

const sizes = { Ns: 16, Ni: 196, C: 384, rC: 1536 }

/**
 * Judging one answer to STViT Eq. (1) at DeiT-S size, against evaluating it once in float64: what a verdict costs. The rate is
 * in cases, so a ratio of 1/8 says eight times as long.
 */
export const checkSuite: Suite = {
  name: 'check',
  description: `judging an answer to STViT Eq. 1 at DeiT-S size (${sizes.Ns} × ${sizes.C} from ${sizes.Ni}), and evaluating it in float64`,
  run(): Promise<Comparison> {
    const question = sample(findEquation('stvit/eq1'), 1, { sizes, lead: [], config: { heads: 6 } })
    const answer = [...arithmeticNamed('float32').answer(question)]
    const all = new Map(answer.map(([name, value]) => [name, rawOf(value)]))
    const outputs = new Map([...all].filter(([name]) => name === 'S_hat' || name === 'S'))
    const truth = float64()
    return compare(
      [
        { name: 'float64 evaluation', run: () => void evaluate(truth, question) },
        { name: 'check, outputs only', run: () => void judge.judge(question, outputs) },
        { name: 'check, all intermediates', run: () => void judge.judge(question, all) },
      ],
      { title: this.description, unit: 'cases/s', work: 1, rounds: 7 },
    )
  },
}
