import type { Arithmetic } from '../../../reference/arithmetic.ts'
import { fullArithmetic } from '../../../reference/float32/full.ts'
import type { FullKinds } from '../../../reference/float32/index.ts'
import { tensor, type Real, type Tensor } from '../../../reference/tensor.ts'
import { convolutions } from './convolve.ts'
import { elementwise } from './elementwise.ts'
import { flashAttention } from './flash-attention.ts'
import { layerNorms } from './layer-norm.ts'
import { products } from './products.ts'
import type { Runtime } from './runtime.ts'
import { softmaxes } from './softmax.ts'
import { sparseProducts } from './sparse.ts'
import { generate } from './tensors.ts'

type Rules = Arithmetic<FullKinds>

/** A runtime's rules, and what it never has in memory. */
export interface SimulatedRules {
  readonly rules: Rules
  /** Whether the text has a tensor that a runtime of that design never holds: a softmax inside flash attention. */
  unseen(x: Tensor): boolean
}

/** The primitives as a runtime of that design computes them. What only moves or chooses elements is the reference's. */
export function simulatedRules(runtime: Runtime): SimulatedRules {
  const moving = fullArithmetic(Float32Array)
  const separate: Rules = {
    ...moving,
    ...elementwise(runtime),
    ...products(runtime),
    ...convolutions(runtime),
    ...softmaxes(runtime),
    ...layerNorms(runtime),
    ...sparseProducts(runtime),
  }
  const flash = attention(runtime, separate)
  return { rules: { ...separate, ...scaling(runtime, separate), ...flash.rules }, unseen: flash.unseen }
}

/**
 * Where the scale of the scores goes. The text says "product, then scale"; a design that scales something else computes the product
 * anew from what went into it.
 */
function scaling(
  runtime: Runtime,
  rules: Rules,
): Partial<Pick<Rules, 'matmulTransposed' | 'scale' | 'matmulAt' | 'sparseScale'>> {
  const { design, machine: m } = runtime
  if (design.scale === 'scores') return {}
  const made = new WeakMap<Real, (factor: number) => Tensor>()
  const scaled = (x: Tensor, y: Tensor, product: (x: Tensor, y: Tensor) => Tensor) => {
    const plain = product(x, y)
    made.set(plain.data, (factor) => {
      if (design.scale === 'query') return product(rules.scale(x, factor), y)
      if (design.scale === 'split') {
        const root = Math.sqrt(Math.abs(factor))
        return product(rules.scale(x, Math.sign(factor) * root), rules.scale(y, root))
      }
      const divisor = m.round(1 / factor)
      return generate(runtime, plain.shape, (i) => m.divide(plain.data[i], divisor))
    })
    return plain
  }
  return {
    matmulTransposed: (x, y) => scaled(x, y, rules.matmulTransposed),
    scale: (x, factor) => made.get(x.data)?.(factor) ?? rules.scale(x, factor),
    matmulAt: (mask, x, y) => {
      const values = scaled(x, y, (a, b) => rules.matmulAt(mask, a, b).values)
      return { values, kept: mask.kept }
    },
    sparseScale: (x, factor) => {
      const values = made.get(x.values.data)?.(factor)
      return values === undefined ? rules.sparseScale(x, factor) : { values, kept: x.kept }
    },
  }
}

/** Flash attention: a softmax that is multiplied by values is computed anew together with them, from its logits. */
function attention(
  runtime: Runtime,
  rules: Rules,
): { rules: Partial<Pick<Rules, 'softmax' | 'matmul'>>; unseen: SimulatedRules['unseen'] } {
  const { attention: kind } = runtime.design
  if (kind === 'stored') return { rules: {}, unseen: () => false }
  const logitsOf = new WeakMap<Real, Real>()
  const inside = new WeakSet<Real>()
  const block = Number(kind.split(':')[1])
  return {
    rules: {
      softmax(x) {
        const stored = rules.softmax(x)
        logitsOf.set(stored.data, x.data)
        return stored
      },
      matmul(x, y) {
        const logits = logitsOf.get(x.data)
        if (logits === undefined) return rules.matmul(x, y)
        inside.add(x.data)
        return flashAttention(runtime, tensor(logits, x.shape), y, block)
      },
    },
    unseen: ({ data }) => inside.has(data),
  }
}
