import type { Bins } from '../arithmetic.ts'

/**
 * The usual adaptive bins of an H × W map, out × out of them: bin i runs from ⌊i·H/out⌋ to ⌈(i + 1)·H/out⌉ (likewise
 * columns). They cover the map, overlap by one place where `out` does not divide it, and may differ in size.
 * The non-parameterised alternative to STViT's pooling, §3.1.
 */
export function adaptiveBins(H: number, W: number, out: number): Bins {
  const bins = (extent: number): (readonly [number, number])[] =>
    Array.from({ length: out }, (_, i) => [
      Math.floor((i * extent) / out),
      Math.ceil(((i + 1) * extent) / out),
    ])
  return { rows: bins(H), columns: bins(W) }
}
