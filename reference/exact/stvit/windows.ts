import type { Ask, Named } from '../ask.ts'
import { eachItem } from '../ask.ts'
import { grid } from '../grid.ts'

/**
 * windows[i·W/w + j, r, s, c] = X[i·w + r, j·w + s, c]          STViT §3.2.
 * X [.., H, W, C]; windows [.., H/w·W/w, w, w, C].
 */
export function windowPartition(ask: Ask): Named {
  const w = ask.number('w')
  return eachItem(ask, (item) => {
    const X = item.input('X')
    const [H, W, C] = X.shape
    const across = W / w
    const windows = grid([(H / w) * across, w, w, C], (n, r, s, c) =>
      X.at(Math.floor(n / across) * w + r, (n % across) * w + s, c),
    )
    return new Map([['windows', windows]])
  })
}

/**
 * X[y, x, c] = windows[⌊y/w⌋·W/w + ⌊x/w⌋, y mod w, x mod w, c]
 * windows [.., H/w·W/w, w, w, C]; X [.., H, W, C].
 */
export function windowReverse(ask: Ask): Named {
  const [H, W] = [ask.number('H'), ask.number('W')]
  return eachItem(ask, (item) => {
    const windows = item.input('windows')
    const [, w, , C] = windows.shape
    const X = grid([H, W, C], (y, x, c) =>
      windows.at(Math.floor(y / w) * (W / w) + Math.floor(x / w), y % w, x % w, c),
    )
    return new Map([['X', X]])
  })
}
