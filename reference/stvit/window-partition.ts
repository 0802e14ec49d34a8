import type { Arithmetic, Kinds } from '../arithmetic.ts'
import { assemble, partition } from '../layers/partition.ts'

/**
 * windows_(i·nW + j)[r, c] = X[i·w + r, j·w + c]
 *
 * STViT §3.2: a map cut into nH × nW = H/w × W/w windows of w × w tokens, in row-major order.
 * X `[.., H, W, C]` → windows `[.., nH·nW, w, w, C]`; w divides H and W.
 */
export function windowPartition<K extends Kinds>(
  a: Arithmetic<K>,
  { X }: { X: K['Dense'] },
  { w }: { readonly w: number },
): { windows: K['Dense'] } {
  return { windows: a.expose('windows', partition(a, X, w, w)) }
}

/**
 * X[i·w + r, j·w + c] = windows_(i·nW + j)[r, c]
 *
 * The inverse of `windowPartition`: the map put together again from its windows.
 * windows `[.., nH·nW, w, w, C]` → X `[.., H, W, C]`; the number of windows alone leaves H and W open, so both are given.
 */
export function windowReverse<K extends Kinds>(
  a: Arithmetic<K>,
  { windows }: { windows: K['Dense'] },
  { H, W }: { readonly H: number; readonly W: number },
): { X: K['Dense'] } {
  return { X: a.expose('X', assemble(a, windows, H, W)) }
}
