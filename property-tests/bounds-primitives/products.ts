import { row, type Primitive } from './primitive.ts'

/** x·y scaled by `factor`. */
export function scaledProduct(factor: number): Primitive {
  return {
    name: 'scaled product',
    bounded: (rules, [x, y]) => rules.scale(rules.matmulTransposed(row(x), row(y)), factor),
    forms: {
      plain: (m, [x, y]) => [m.multiply(m.result(m.dot(x, y)), m.constant(factor))],
      'folded into one': (m, [x, y]) => {
        const k = m.constant(factor)
        return [
          m.dot(
            x.map((value) => m.result(m.multiply(value, k))),
            y,
          ),
        ]
      },
      'split over both': (m, [x, y]) => {
        const k = m.constant(Math.sqrt(factor))
        return [
          m.dot(
            x.map((value) => m.result(m.multiply(value, k))),
            y.map((value) => m.result(m.multiply(value, k))),
          ),
        ]
      },
    },
  }
}

export const products: Readonly<Record<'product' | 'linear', Primitive>> = {
  product: {
    name: 'product',
    bounded: (rules, [x, y]) => rules.matmulTransposed(row(x), row(y)),
    forms: { plain: (m, [x, y]) => [m.dot(x, y)] },
  },
  linear: {
    name: 'linear',
    bounded: (rules, [x, y, bias]) => rules.linear(row(x), row(y), row(bias, [1])),
    forms: {
      plain: (m, [x, y, [bias]]) => [m.dot(x, y, bias)],
      'bias apart': (m, [x, y, [bias]]) => [m.add(m.result(m.dot(x, y)), bias)],
    },
  },
}
