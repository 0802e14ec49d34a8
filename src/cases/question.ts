import type { Value } from '../../reference/evaluator.ts'
import { tensor as dense, type Shape } from '../../reference/tensor.ts'
import type { Sizes } from '../catalogue/dimensions.ts'
import { belongs, formatCondition, type Config, type Equation, type TensorSpec } from '../catalogue/schema.ts'
import { QuestionError } from '../errors.ts'
import { withDefaults } from './config.ts'
import { accept, demandModest, matchShapes } from './match-shapes.ts'
import { knownOutputs, knownTensors } from './names.ts'

/** An equation with everything needed to evaluate it: a case without its outputs, checked. */
export interface Question {
  readonly equation: Equation
  /** `input.NAME` and `param.NAME`. */
  readonly tensors: ReadonlyMap<string, Value>
  /** As asked, before defaults: what is written back to a file. */
  readonly asked: Config
  /** Complete: defaults filled in, `keep_rate` turned into `budget`. */
  readonly config: Config
  /** The leading dimensions `..`. */
  readonly lead: Shape
  readonly sizes: Sizes
}

/**
 * Puts a question together from its tensors, by `input.NAME` and `param.NAME`, and the config keys asked for.
 * @throws QuestionError naming the tensor or key: one is missing, shapes do not fit, the config does not fit the shapes
 */
export function buildQuestion(
  equation: Equation,
  tensors: ReadonlyMap<string, Value>,
  asked: Config,
): Question {
  const config = withDefaults(equation, asked)
  const checked = new Map<string, Value>()
  const shapes = new Map<string, Shape>()
  for (const [name, spec] of knownTensors(equation)) {
    const found = tensors.get(name)
    if (!belongs(spec, config)) {
      if (found !== undefined) throw misplaced(name, spec)
      continue
    }
    if (found === undefined) {
      demand(tensors, name, spec)
      continue
    }
    const value = asScalar(spec, found)
    checked.set(name, value)
    shapes.set(name, value.kind === 'dense' ? value.tensor.shape : value.mask.shape)
  }
  const bound = matchShapes(equation, shapes, config)
  demandModest(knownOutputs(equation), bound)
  const resolved = equation.resolve === undefined ? config : accept(equation.resolve(config, bound.sizes))
  return { equation, tensors: checked, asked, config: resolved, ...bound }
}

function misplaced(tensor: string, { when }: TensorSpec): QuestionError {
  const expected = when === undefined ? 'nothing' : `this tensor with ${formatCondition(when)} only`
  return new QuestionError({ tensor, expected, found: 'it with another' })
}

function demand(
  tensors: ReadonlyMap<string, Value>,
  name: string,
  { optional = false, partner }: TensorSpec,
): void {
  const other = name.slice(0, name.indexOf('.') + 1) + partner
  if (partner !== undefined && tensors.has(other)) {
    throw new QuestionError({
      tensor: name,
      expected: `this tensor, since ${other} is there`,
      found: 'nothing',
    })
  }
  if (!optional) throw new QuestionError({ tensor: name, expected: 'this tensor', found: 'nothing' })
}

/** Scalars are read with shape [1] too. */
function asScalar({ dims }: TensorSpec, value: Value): Value {
  if (dims.length > 0 || value.kind !== 'dense') return value
  const { data, shape } = value.tensor
  return shape.length === 1 && shape[0] === 1 ? { kind: 'dense', tensor: dense(data, []) } : value
}
