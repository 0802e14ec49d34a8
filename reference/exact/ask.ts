import { exactly, type Ball } from './numbers/ball.ts'
import { gridOf, sizeOf, stacked, type Grid } from './grid.ts'

/** A tensor as questions carry it, contiguous and row-major. */
export type ExactInput =
  | { readonly kind: 'dense'; readonly tensor: Data<ArrayLike<number>> }
  | { readonly kind: 'mask'; readonly mask: Data<Uint8Array> }

interface Data<A> {
  readonly shape: readonly number[]
  readonly data: A
}

/** What a question must have to be answered here; one of `src/cases` has it. */
export interface ExactQuestion {
  readonly equation: { readonly id: string }
  /** By `input.NAME` and `param.NAME`, float32 values. */
  readonly tensors: ReadonlyMap<string, ExactInput>
  /** Defaults filled in or not. */
  readonly config: Readonly<Record<string, number | string>>
  /** The leading dimensions `..`. */
  readonly lead: readonly number[]
}

/** Everything an equation names, in order of computing; masks are grids of booleans. */
export type Named = ReadonlyMap<string, Grid<Ball> | Grid<boolean>>

/** A question as the equations read it. */
export interface Ask {
  readonly digits: number
  readonly lead: readonly number[]
  /** The tensor `input.NAME`, its values taken exactly. */
  input(name: string): Grid<Ball>
  /** The same as the floats they are. */
  floats(name: string): Grid<number>
  mask(name: string): Grid<boolean>
  param(name: string): Grid<Ball>
  paramFloats(name: string): Grid<number>
  hasParam(name: string): boolean
  /** The value of a config key, or `otherwise` where it was left out. */
  number(key: string, otherwise?: number): number
  optionalNumber(key: string): number | undefined
  choice(key: string, otherwise: string): string
  /** A float64, exactly. */
  constant(x: number): Ball
}

/** Reads `question` with numbers of `digits` digits. */
export function askOf(question: ExactQuestion, digits: number): Ask {
  const { tensors, config, lead } = question
  const find = (name: string): ExactInput => {
    const found = tensors.get(name)
    if (found === undefined) throw new RangeError(`${question.equation.id}: expected ${name}, found nothing`)
    return found
  }
  const floats = (name: string): Grid<number> => {
    const found = find(name)
    if (found.kind === 'mask') throw new RangeError(`${name}: expected numbers, found a mask`)
    return gridOf(found.tensor.shape, Array.from(found.tensor.data))
  }
  const lifted = remembered((name) => {
    const { shape, values } = floats(name)
    return gridOf(
      shape,
      values.map((value) => exactly(value, digits)),
    )
  })
  const number = (key: string): number | undefined => {
    const value = config[key]
    if (typeof value === 'string') throw new RangeError(`config.${key}: expected a number, found "${value}"`)
    return value
  }
  return {
    digits,
    lead,
    input: (name) => lifted(`input.${name}`),
    floats: (name) => floats(`input.${name}`),
    mask(name) {
      const found = find(`input.${name}`)
      if (found.kind === 'dense') throw new RangeError(`input.${name}: expected a mask, found numbers`)
      return gridOf(
        found.mask.shape,
        Array.from(found.mask.data, (byte) => byte !== 0),
      )
    },
    param: (name) => lifted(`param.${name}`),
    paramFloats: (name) => floats(`param.${name}`),
    hasParam: (name) => tensors.has(`param.${name}`),
    number(key, otherwise) {
      const value = number(key) ?? otherwise
      if (value === undefined) throw new RangeError(`config.${key}: expected a number, found nothing`)
      return value
    },
    optionalNumber: number,
    choice: (key, otherwise) => String(config[key] ?? otherwise),
    constant: (x) => exactly(x, digits),
  }
}

/**
 * Answers each of the items along the leading dimensions by itself, inputs without those dimensions and params shared,
 * and puts what they name on top of one another.
 */
export function eachItem(ask: Ask, answer: (item: Ask) => Named): Named {
  const { lead } = ask
  const answers = Array.from({ length: sizeOf(lead) }, (_, item) => answer(itemOf(ask, item)))
  const names = [...answers[0].keys()]
  return new Map(names.map((name) => [name, stackedByName(lead, answers, name)]))
}

/** What every one of the answers calls `name`, on top of one another. */
export function stackedByName(
  lead: readonly number[],
  answers: readonly Named[],
  name: string,
): Grid<Ball> | Grid<boolean> {
  const [reals, masks]: [Grid<Ball>[], Grid<boolean>[]] = [[], []]
  for (const answer of answers) {
    const found = answer.get(name)
    if (found === undefined) throw new RangeError(`${name}: expected it in every item`)
    if (isMask(found)) masks.push(found)
    else reals.push(found)
  }
  return masks.length > 0 ? stacked(lead, masks) : stacked(lead, reals)
}

/** Whether a named grid holds 0/1 and not numbers. */
export function isMask(found: Grid<Ball> | Grid<boolean>): found is Grid<boolean> {
  return typeof found.values[0] === 'boolean'
}

function itemOf(ask: Ask, item: number): Ask {
  const slice = <T>(whole: Grid<T>): Grid<T> => {
    const shape = whole.shape.slice(ask.lead.length)
    const size = sizeOf(shape)
    return gridOf(shape, whole.values.slice(item * size, (item + 1) * size))
  }
  const input = remembered((name) => slice(ask.input(name)))
  return {
    ...ask,
    lead: [],
    input,
    floats: (name) => slice(ask.floats(name)),
    mask: (name) => slice(ask.mask(name)),
  }
}

function remembered<T>(make: (name: string) => T): (name: string) => T {
  const made = new Map<string, T>()
  return (name) => {
    const known = made.get(name)
    if (known !== undefined) return known
    const value = make(name)
    made.set(name, value)
    return value
  }
}
