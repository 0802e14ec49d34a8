import { tensor } from '../../reference/tensor.ts'
import { random } from '../random.ts'
import { agree, ask } from './lab.ts'
import { inBfloat16 } from './mutants.ts'
import type { Law } from './law.ts'

/** Laws of STViT Eqs. (2) and (3) together. */
export const attentionSplitLaws: readonly Law[] = [
  {
    id: 'eq3-is-the-attention-inside-eq2',
    statement: 'Without norms, A of Eq. (3) is the attention map inside Eq. (2).',
    source: 'STViT Eq. (3): A_s + A_g are the scores of Eq. (2), by linearity of the query projection',
    equations: ['stvit/eq2', 'stvit/eq3'],
    holds(lab, trial) {
      const split = lab.sample('stvit/eq3', trial)
      const { C, h } = split.sizes
      const source = random(trial.seed).fork('the rest of the layer')
      const weights = (out: number, inner: number): { kind: 'dense'; tensor: ReturnType<typeof tensor> } => ({
        kind: 'dense',
        tensor: tensor(
          Float32Array.from({ length: out * inner }, () => source.normal() / Math.sqrt(inner)),
          [out, inner],
        ),
      })
      const whole = ask(
        'stvit/eq2',
        {
          ...Object.fromEntries(split.tensors),
          'param.attn.v.weight': weights(C, C),
          'param.attn.proj.weight': weights(C, C),
          'param.ffn.fc1.weight': weights(C, C),
          'param.ffn.fc2.weight': weights(C, C),
        },
        { heads: h },
      )
      agree('A of eq3 and of eq2', lab.answer(split).dense('A'), lab.answer(whole).dense('A'))
    },
    mutant: {
      name: 'projections read their input in bfloat16',
      plant: (rules) => ({
        linear: (x, weight, bias) => rules.linear(inBfloat16(x), weight, bias),
      }),
    },
  },
]
