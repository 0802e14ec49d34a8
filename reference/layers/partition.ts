import type { Arithmetic, Kinds } from '../arithmetic.ts'

/**
 * A map cut into windows of height × width places, which divide it, in row-major order:
 * X `[.., H, W, C]` → `[.., H/height·W/width, height, width, C]`.
 */
export function partition<K extends Kinds>(
  a: Arithmetic<K>,
  X: K['Dense'],
  height: number,
  width: number,
): K['Dense'] {
  const [H, W] = a.shape(X).slice(-3)
  return a.windows(X, { rows: steps(H, height), columns: steps(W, width), height, width })
}

/** The inverse of `partition`: `[.., H/height·W/width, height, width, C]` → `[.., H, W, C]`. */
export function assemble<K extends Kinds>(
  a: Arithmetic<K>,
  windows: K['Dense'],
  H: number,
  W: number,
): K['Dense'] {
  const [height, width, C] = a.shape(windows).slice(-3)
  const lead = a.shape(windows).slice(0, -4)
  const bands = a.reshape(windows, [...lead, H / height, W / width, height, width, C])
  return a.reshape(a.swapAxes(bands, -4, -3), [...lead, H, W, C])
}

/** 0, step, 2·step, … below `extent`. */
function steps(extent: number, step: number): number[] {
  return Array.from({ length: extent / step }, (_, i) => i * step)
}
