import type { Ask, Named } from '../ask.ts'
import { eachItem } from '../ask.ts'
import { grid, type Grid } from '../grid.ts'
import { sum, type Ball } from '../numbers/ball.ts'

/**
 * P[i·out + j, c] = Σ X[y, x, c] / count over ⌊iH/out⌋ ≤ y < ⌈(i+1)H/out⌉, ⌊jW/out⌋ ≤ x < ⌈(j+1)W/out⌉          STViT §3.1.
 * X [.., H, W, C]; P [.., out·out, C].
 */
export function adaptiveAveragePooling(ask: Ask): Named {
  return eachItem(ask, (item) => new Map([['P', averaged(item.input('X'), ask.number('out'))]]))
}

/** P[i·out + j, c] = the largest X[y, x, c] of the same bin. */
export function adaptiveMaxPooling(ask: Ask): Named {
  return eachItem(ask, (item) => new Map([['P', largest(item.input('X'), ask.number('out'))]]))
}

/** The mean of every bin: X [H, W, C] to [out·out, C]. */
export function averaged(X: Grid<Ball>, out: number): Grid<Ball> {
  return grid([out * out, X.shape[2]], (bin, c) => {
    const places = placesIn(X, out, bin)
    const total = sum(places.length, (t) => X.at(...places[t], c))
    return total.dividedBy(total.constant(places.length))
  })
}

/** The largest of every bin: X [H, W, C], its numbers exact, to [out·out, C]. */
export function largest(X: Grid<Ball>, out: number): Grid<Ball> {
  return grid([out * out, X.shape[2]], (bin, c) => {
    const values = placesIn(X, out, bin).map((place) => X.at(...place, c))
    return values.reduce((most, x) => (x.value.greaterThan(most.value) ? x : most))
  })
}

function placesIn(X: Grid<Ball>, out: number, bin: number): (readonly [y: number, x: number])[] {
  const [H, W] = X.shape
  const [i, j] = [Math.floor(bin / out), bin % out]
  const places: (readonly [number, number])[] = []
  for (let y = Math.floor((i * H) / out); y < Math.ceil(((i + 1) * H) / out); y++) {
    for (let x = Math.floor((j * W) / out); x < Math.ceil(((j + 1) * W) / out); x++) places.push([y, x])
  }
  return places
}
