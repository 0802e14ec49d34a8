import type { Windows } from '../arithmetic.ts'

/**
 * The ws × ws windows of an H × W map: Kh = ⌈H/ws⌉, Kw = ⌈W/ws⌉, window i starts at ⌊i·H/ws⌋ (likewise columns): equal
 * in size, covering, a plain partition where ws divides H and W. STViT §3.1 leaves the rule open; decided in the contract.
 */
export function poolingWindows(H: number, W: number, ws: number): Windows {
  const starts = (extent: number): number[] =>
    Array.from({ length: ws }, (_, i) => Math.floor((i * extent) / ws))
  return { rows: starts(H), columns: starts(W), ...windowSize(H, W, ws) }
}

/** The common size of the windows, Kh × Kw. */
export function windowSize(H: number, W: number, ws: number): { height: number; width: number } {
  return { height: Math.ceil(H / ws), width: Math.ceil(W / ws) }
}
