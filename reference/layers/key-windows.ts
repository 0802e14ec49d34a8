/** Which key windows local attention has at the border of the map. */
export type KeyWindows = 'clamped' | 'centred'

/**
 * Along one axis, the key window `[start, end)` of each window of w places: wk ≥ w places from i·w − ⌊(wk − w)/2⌋ on.
 * `clamped`: pushed back into the map, clamp(start, 0, extent − wk), so that all hold wk places. `centred`: left where it is, the
 * places outside the map do not exist. STViT §3.2 leaves the border open; decided in the contract.
 */
export function keyWindows(
  extent: number,
  { w, wk, key_windows }: { readonly w: number; readonly wk: number; readonly key_windows: KeyWindows },
): (readonly [start: number, end: number])[] {
  return Array.from({ length: extent / w }, (_, i) => {
    const start = i * w - Math.floor((wk - w) / 2)
    if (key_windows === 'centred') return [Math.max(0, start), Math.min(extent, start + wk)]
    const clamped = Math.max(0, Math.min(start, extent - wk))
    return [clamped, clamped + wk]
  })
}
