/** Extents by the symbol they have in the contract: `{ Ns: 16, C: 384 }`. */
export type Sizes = Readonly<Record<string, number>>

/**
 * The value of a symbolic extent — a number, a symbol, a sum `Ns+Ni` or a product `ws·ws` — or undefined where a
 * symbol in it has no value yet.
 */
export function extentOf(dim: string, sizes: Sizes): number | undefined {
  let sum = 0
  for (const term of dim.split('+')) {
    let product = 1
    for (const factor of term.split('·')) {
      const value = /^\d+$/.test(factor)
        ? Number(factor)
        : Object.hasOwn(sizes, factor)
          ? sizes[factor]
          : undefined
      if (value === undefined) return undefined
      product *= value
    }
    sum += product
  }
  return sum
}

/** Whether `dim` is a lone symbol, which a tensor's shape may give a value. */
export function isSymbol(dim: string): boolean {
  return /^[A-Za-z_]+\d?$/.test(dim)
}
