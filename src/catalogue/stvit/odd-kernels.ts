import type { Equation } from '../schema.ts'

/** Checks that the kernel sizes are odd; `kernels` names, by symbol, the tensor a size is read off. */
export function oddKernels(kernels: Readonly<Record<string, string>>): NonNullable<Equation['resolve']> {
  return (config, sizes) => {
    for (const [symbol, where] of Object.entries(kernels)) {
      const size = sizes[symbol]
      if (size % 2 === 0) {
        return { where, expected: 'a kernel of odd size, padded by (k − 1)/2', found: `${size} × ${size}` }
      }
    }
    return config
  }
}
