import { withRule, type Arithmetic } from '../reference/arithmetic.ts'
import { float32Dense, type FullKinds } from '../reference/float32/index.ts'
import { tensor, type Tensor } from '../reference/tensor.ts'
import { float64 } from '../src/arithmetics/float64.ts'
import { evaluate } from '../src/arithmetics/evaluate.ts'
import { read } from '../src/arithmetics/recording.ts'
import { sample } from '../src/catalogue/sample.ts'
import { findEquation } from '../src/cases/names.ts'
import type { Question } from '../src/cases/question.ts'
import type { RawTensor } from '../src/cases/raw-tensor.ts'
import { rawOf } from '../src/cases/write-case.ts'
import { random } from '../src/random.ts'
import { judgeUnder } from '../src/verdict/judge/index.ts'
import { portable } from '../src/verdict/profile/shipped.ts'
import { compare, type Comparison, type Contender, type Suite } from './suite.ts'

const sizes = { Ns: 16, Ni: 196, C: 384, rC: 1536 }

type Rules = Arithmetic<FullKinds>
type Answer = ReadonlyMap<string, RawTensor>

/** Answers with other rules in float32. */
function answerWith(question: Question, patch: Partial<Rules> = {}): Answer {
  const base = float32Dense()
  const evaluator = { ...base, rules: withRule(base.rules, patch) }
  return new Map([...evaluate(evaluator, question)].map(([name, x]) => [name, rawOf(read(base, x))]))
}

function tanhGelu({ data, shape }: Tensor): Tensor {
  const tanh = (x: number): number => Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))
  return tensor(
    Float32Array.from(data, (x) => 0.5 * x * (1 + tanh(x))),
    shape,
  )
}

/** No bug that has a name: one element is off. */
function brokenGelu(x: Tensor): Tensor {
  const { data, shape } = float32Dense().rules.gelu(x)
  return tensor(
    Float32Array.from(data, (y, i) => (i === 77 ? y + 0.5 : y)),
    shape,
  )
}

/** No bug that has a name: what every layer gives is off at random. */
function scatteredLinear(): Rules['linear'] {
  const numbers = random('scattered')
  return (x, weight, bias) => {
    const { data, shape } = float32Dense().rules.linear(x, weight, bias)
    return tensor(
      Float32Array.from(data, (y) => y * (1 + 1e-3 * numbers.normal())),
      shape,
    )
  }
}

/**
 * Judging one answer to STViT Eq. (1) at DeiT-S size, against evaluating it once in float64: what a verdict costs. The rate is
 * in cases, so a ratio of 1/8 says eight times as long. What is wrong is blamed on a bug, if it has a name.
 */
export const checkSuite: Suite = {
  name: 'check',
  description: `judging an answer to STViT Eq. 1 at DeiT-S size (${sizes.Ns} × ${sizes.C} from ${sizes.Ni}), and evaluating it in float64`,
  run(): Promise<Comparison> {
    const question = sample(findEquation('stvit/eq1'), 1, { sizes, lead: [], config: { heads: 6 } })
    const truth = float64()
    const judge = judgeUnder(portable, 'on-suspicion')
    const judging = (name: string, answer: Answer): Contender[] => {
      const outputs = new Map([...answer].filter(([path]) => path === 'S_hat' || path === 'S'))
      return [
        { name: `check, ${name}outputs only`, run: () => void judge.judge(question, outputs) },
        { name: `check, ${name}all intermediates`, run: () => void judge.judge(question, answer) },
      ]
    }
    return compare(
      [
        { name: 'float64 evaluation', run: () => void evaluate(truth, question) },
        ...judging('', answerWith(question)),
        ...judging('a bug with a name, ', answerWith(question, { gelu: tanhGelu })),
        ...judging('a bug without, ', answerWith(question, { gelu: brokenGelu })),
        ...judging('scattered layers, ', answerWith(question, { linear: scatteredLinear() })),
      ],
      { title: this.description, unit: 'cases/s', work: 1, rounds: 7 },
    )
  },
}
