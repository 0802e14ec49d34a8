import type { Ask } from './ask.ts'
import { gridOf, type Grid } from './grid.ts'
import { sum, type Ball } from './numbers/ball.ts'
import { sqrt } from './numbers/functions.ts'

/**
 * y꜀ = (x꜀ − μ)/√(σ² + ε)·γ꜀ + β꜀, μ = Σ x꜀/C, σ² = Σ (x꜀ − μ)²/C (biased), over the last axis of x.
 * `NAME.weight` γ [C], `NAME.bias` β [C]; y as x.
 *
 * Written with the division last: with D꜀ = C x꜀ − Σ x = C (x꜀ − μ), σ² = Σ D²/C³, and y꜀ = D꜀/(C √(σ² + ε))·γ꜀ + β꜀.
 * Multiplying rounds less than dividing by C = 3 does, and a row of equal values gives D = 0 exactly.
 */
export function layerNorm(ask: Ask, name: string, x: Grid<Ball>, eps: number): Grid<Ball> {
  const [gamma, beta] = [ask.param(`${name}.weight`), ask.param(`${name}.bias`)]
  const C = x.shape[x.shape.length - 1]
  const [count, epsilon] = [ask.constant(C), ask.constant(eps)]

  const y: Ball[] = []
  for (let start = 0; start < x.values.length; start += C) {
    const row = x.values.slice(start, start + C)
    const total = sum(C, (c) => row[c])
    const D = row.map((value) => count.times(value).minus(total))
    const variance = sum(C, (c) => D[c].times(D[c])).dividedBy(ask.constant(C ** 3))
    const divisor = count.times(sqrt(variance.plus(epsilon)))
    for (let c = 0; c < C; c++) y.push(D[c].dividedBy(divisor).times(gamma.at(c)).plus(beta.at(c)))
  }
  return gridOf(x.shape, y)
}
