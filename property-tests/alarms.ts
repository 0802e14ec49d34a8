import { tensor } from '../reference/tensor.ts'
import type { Question } from '../src/cases/question.ts'
import { rawOf } from '../src/cases/write-case.ts'
import { undisputed } from '../src/sensitivity/legal/variants.ts'
import { play } from '../src/sensitivity/play.ts'
import { judge } from '../src/verdict/index.ts'
import type { Judge } from '../src/verdict/judgement.ts'

/** What is put in the place of an element of a tensor: by its index there, and the length of a row. */
export type Change = (data: ArrayLike<number>, index: number, width: number) => number

/** The question with other values in the tensors of at least two axes whose names fit. */
export function changed(question: Question, names: RegExp, change: Change): Question {
  const tensors = new Map(question.tensors)
  for (const [name, value] of question.tensors) {
    if (value.kind !== 'dense' || !names.test(name) || value.tensor.shape.length < 2) continue
    const { data, shape } = value.tensor
    const width = shape.at(-1) ?? 1
    tensors.set(name, {
      kind: 'dense',
      tensor: tensor(
        Float32Array.from(data, (_, i) => change(data, i, width)),
        shape,
      ),
    })
  }
  return { ...question, tensors }
}

/** What a judge says against honest runtimes, by their ids, that answer with all intermediates. */
export function alarms(question: Question, of: readonly string[], by: Judge = judge): string[] {
  const about = by.about(question)
  return undisputed
    .filter(({ id }) => of.includes(id))
    .flatMap(({ id, runtime }) => {
      const answer = [...play(runtime(), question)]
      const { verdict, outputs, blame } = about(new Map(answer.map(([name, value]) => [name, rawOf(value)])))
      const why = outputs.flatMap(({ name, reason }) => (reason === undefined ? [] : [`${name} ${reason}`]))
      const along = (blame?.findings ?? []).map(({ sentence }) => sentence)
      return verdict === 'pass' ? [] : [`${id}: ${[...why, ...along].join('; ')}`]
    })
}
