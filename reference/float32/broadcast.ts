import ndarray from 'ndarray'
import { sizeOf, type Real, type Shape, type Tensor } from '../tensor.ts'
import { ShapeError } from '../shape-error.ts'

/** The shape two operands share element by element: that of the longer, of which the shorter is a suffix. */
export function jointShape(operation: string, x: Shape, y: Shape): Shape {
  const [long, short] = x.length >= y.length ? [x, y] : [y, x]
  const skipped = long.length - short.length
  if (short.some((extent, axis) => extent !== long[skipped + axis])) {
    throw new ShapeError(operation, 'second operand', `[${x.join(', ')}] or a suffix of it`, y)
  }
  return long
}

/** `x` seen as having `shape`, of which its own is a suffix: the axes in front repeat it. */
export function broadcast<A extends Real>(x: Tensor<A>, shape: Shape): Tensor<A> {
  const skipped = shape.length - x.shape.length
  return ndarray(x.data, [...shape], [...new Array<number>(skipped).fill(0), ...x.stride], x.offset)
}

/** How many matrices stand in the leading dimensions, and how two operands' matrices pair up. */
export interface Pairing {
  readonly lead: Shape
  readonly count: number
  /** The index of the matrix of the first (second) operand that takes part in product `index`. */
  first(index: number): number
  second(index: number): number
}

/** Pairs the matrices of two operands whose leading dimensions are `x` and `y`, one a suffix of the other. */
export function pairMatrices(operation: string, x: Shape, y: Shape): Pairing {
  const lead = jointShape(`${operation} (leading dimensions)`, x, y)
  const [countX, countY] = [sizeOf(x), sizeOf(y)]
  return { lead, count: sizeOf(lead), first: (index) => index % countX, second: (index) => index % countY }
}
