import { formatShape, type Shape } from './tensor.ts'

/** A primitive was given shapes it cannot work on: an error of the equation's author, not of the person asking. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError'

  constructor(operation: string, argument: string, expected: string, found: Shape, hint?: string) {
    super(
      `${operation}: ${argument}: expected ${expected}, found ${formatShape(found)}` +
        (hint ? `; ${hint}` : ''),
    )
  }
}
