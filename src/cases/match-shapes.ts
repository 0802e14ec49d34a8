import { formatShape, sameShape, sizeOf, type Shape } from '../../reference/tensor.ts'
import { extentOf, isSymbol } from '../catalogue/dimensions.ts'
import {
  formatDims,
  type BoundSizes,
  type Config,
  type Equation,
  type TensorSpec,
  type Violation,
} from '../catalogue/schema.ts'
import { QuestionError } from '../errors.ts'
import { MAX_FILE_BYTES } from './safetensors.ts'

interface Dims {
  readonly dims: readonly string[]
}

/**
 * Gives every symbolic extent of the equation its value from the shapes found, inputs first, then what follows from
 * them and the config, then params.
 * @param shapes of the tensors that are there, by `input.NAME` and `param.NAME`; scalars as []
 * @throws QuestionError naming the first tensor that does not fit, the axis, and where the other extent came from
 */
export function matchShapes(
  equation: Equation,
  shapes: ReadonlyMap<string, Shape>,
  config: Config,
): BoundSizes {
  const bound: Bound = { sizes: {}, origin: {}, lead: undefined }
  for (const [name, spec] of Object.entries(equation.inputs)) matchOne(bound, `input.${name}`, spec, shapes)
  const derived = equation.derive?.(bound.sizes, config)
  if (derived !== undefined) bound.sizes = { ...accept(derived) }
  for (const [name, spec] of Object.entries(equation.params)) matchOne(bound, `param.${name}`, spec, shapes)
  return { lead: bound.lead?.shape ?? [], sizes: bound.sizes }
}

/** Passes on what is not a violation. @throws QuestionError for what is */
export function accept<T extends object>(result: T | Violation): T {
  if (!isViolation(result)) return result
  const { where, expected, found, hint } = result
  throw new QuestionError({ tensor: where, expected, found, ...(hint === undefined ? {} : { hint }) })
}

function isViolation(result: object): result is Violation {
  return 'where' in result && 'expected' in result
}

/** More than this no tensor of a question may have: 2 GiB in float64, what a file can hold. */
const MAX_ELEMENTS = 2 ** 28

/**
 * Refuses a question of which some tensor, given or computed, would be too large to work with.
 * @throws QuestionError naming the tensor
 */
export function demandModest(tensors: Iterable<readonly [string, Dims]>, bound: BoundSizes): void {
  for (const [tensor, spec] of tensors) {
    const shape = shapeOf(spec, bound)
    if (!(sizeOf(shape) <= MAX_ELEMENTS)) {
      throw new QuestionError({
        tensor,
        expected: `at most 2^28 elements`,
        found: `shape ${formatShape(shape)}`,
      })
    }
  }
}

/**
 * Refuses a question that no file could hold, before memory is asked for.
 * @param tensors all that the question has, by `input.NAME` and `param.NAME`
 * @throws QuestionError naming the largest
 */
export function demandFits(tensors: ReadonlyMap<string, SizedTensor>): void {
  const bytesOf = ({ spec: { kind }, shape }: SizedTensor): number =>
    sizeOf(shape) * (kind === 'mask' ? 1 : 4)
  const inOrder = [...tensors].toSorted(([, a], [, b]) => bytesOf(b) - bytesOf(a))
  const total = inOrder.reduce((sum, [, each]) => sum + bytesOf(each), 0)
  if (total <= MAX_FILE_BYTES) return
  const [tensor, largest] = inOrder[0]
  throw new QuestionError({
    tensor,
    expected: `at most ${MAX_FILE_BYTES} bytes (2 GiB) in all tensors of a question`,
    found: `${total}, of them ${bytesOf(largest)} in shape ${formatShape(largest.shape)}`,
  })
}

/** A tensor of a question before it has values. */
export interface SizedTensor {
  readonly spec: TensorSpec
  readonly shape: Shape
}

/** The shape that `dims` stand for. */
export function shapeOf({ dims }: Dims, { lead, sizes }: BoundSizes): Shape {
  return dims.flatMap((dim) => {
    if (dim === '..') return [...lead]
    const extent = extentOf(dim, sizes)
    if (extent === undefined)
      throw new TypeError(`the catalogue leaves the extent ${dim} of ${formatDims(dims)} open`)
    return [extent]
  })
}

interface Bound {
  sizes: Record<string, number>
  /** The tensor that gave a symbol its value. */
  origin: Record<string, string>
  lead: { readonly shape: Shape; readonly origin: string } | undefined
}

function matchOne(bound: Bound, tensor: string, { dims }: Dims, shapes: ReadonlyMap<string, Shape>): void {
  const shape = shapes.get(tensor)
  if (shape === undefined) return
  const batched = dims[0] === '..'
  const named = batched ? dims.slice(1) : dims
  const complain = (expected: string, hint?: string): QuestionError =>
    new QuestionError({
      tensor,
      expected,
      found: formatShape(shape),
      ...(hint === undefined ? {} : { hint }),
    })

  if (batched ? shape.length < named.length : shape.length !== named.length)
    throw complain(`shape ${formatDims(dims)}`)
  if (shape.includes(0)) throw complain(`shape ${formatDims(dims)} without a zero-sized dimension`)
  const lead = shape.slice(0, shape.length - named.length)
  if (batched) {
    bound.lead ??= { shape: lead, origin: tensor }
    if (!sameShape(lead, bound.lead.shape)) {
      throw complain(`leading dimensions ${formatShape(bound.lead.shape)}, those of ${bound.lead.origin}`)
    }
  }
  for (const [index, dim] of named.entries()) {
    const extent = shape[lead.length + index]
    const known = extentOf(dim, bound.sizes)
    if (known === undefined) {
      if (!isSymbol(dim)) throw new TypeError(`the catalogue leaves the extent ${dim} of ${tensor} open`)
      bound.sizes[dim] = extent
      bound.origin[dim] = tensor
    } else if (known !== extent) {
      throw complain(
        `shape ${formatDims(dims)}${reasonFor(bound, dim, known)}`,
        `axis ${lead.length + index} is ${extent}`,
      )
    }
  }
}

/** Where an extent came from: ` with C = 4 from input.P`; nothing for a number that the shape itself shows. */
function reasonFor({ origin }: Bound, dim: string, extent: number): string {
  if (/^\d+$/.test(dim)) return ''
  return ` with ${dim} = ${extent} from ${Object.hasOwn(origin, dim) ? origin[dim] : 'the inputs and the config'}`
}
