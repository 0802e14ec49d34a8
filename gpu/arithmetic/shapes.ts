import { ShapeError } from '../../reference/shape-error.ts'
import { formatShape, sizeOf, type Shape } from '../../reference/tensor.ts'

/** The longer of two shapes, of which the shorter must be a suffix. */
export function jointShape(operation: string, x: Shape, y: Shape): Shape {
  const [long, short] = x.length >= y.length ? [x, y] : [y, x]
  if (short.every((extent, i) => extent === long[long.length - short.length + i])) return long
  throw new ShapeError(operation, 'second operand', `${formatShape(x)} or a suffix of it`, y)
}

/** How many matrices two operands have, and their leading dimensions together. */
export interface Matrices {
  readonly lead: Shape
  readonly x: number
  readonly y: number
}

/** Pairs the matrices of two operands; the leading dimensions of one are a suffix of the other's. */
export function matrices(operation: string, x: Shape, y: Shape): Matrices {
  const [leadX, leadY] = [x.slice(0, -2), y.slice(0, -2)]
  const lead = jointShape(`${operation} (leading dimensions)`, leadX, leadY)
  return { lead, x: sizeOf(leadX), y: sizeOf(leadY) }
}

/** The last two extents. */
export function matrixOf(operation: string, argument: string, shape: Shape): readonly [number, number] {
  if (shape.length < 2) throw new ShapeError(operation, argument, '[.., rows, columns]', shape)
  return [shape[shape.length - 2], shape[shape.length - 1]]
}

/** The rows of an array, and how long they are. */
export function rowsOf(operation: string, shape: Shape): { readonly rows: number; readonly n: number } {
  const n = shape.at(-1)
  if (n === undefined) throw new ShapeError(operation, 'x', 'at least one axis', shape)
  return { rows: sizeOf(shape.slice(0, -1)), n }
}

/** The last three extents of a map. */
export function mapOf(operation: string, shape: Shape): readonly [H: number, W: number, C: number] {
  if (shape.length < 3) throw new ShapeError(operation, 'x', '[.., H, W, C]', shape)
  const [H, W, C] = shape.slice(-3)
  return [H, W, C]
}

/** An axis counted from the front. */
export function axisOf(operation: string, shape: Shape, axis: number): number {
  const at = axis < 0 ? shape.length + axis : axis
  if (at < 0 || at >= shape.length) throw new ShapeError(operation, `axis ${axis}`, 'an axis of x', shape)
  return at
}

/** @throws ShapeError where a vector has not `n` elements */
export function demandVector(operation: string, argument: string, shape: Shape, n: number): void {
  if (shape.length !== 1 || shape[0] !== n) throw new ShapeError(operation, argument, `[${n}]`, shape)
}

/** @throws ShapeError where the shapes differ */
export function demandSame(operation: string, argument: string, expected: Shape, found: Shape): void {
  if (expected.length !== found.length || expected.some((extent, i) => extent !== found[i])) {
    throw new ShapeError(operation, argument, formatShape(expected), found)
  }
}
