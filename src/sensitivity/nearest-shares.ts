/** What can be taken of z: a share of `effect` in [−1, 1]. Of one allowance, shares times `part` add up to one in [−1, 1]. */
export interface Takeable {
  readonly effect: Float64Array
  readonly allowance: string
  readonly part: number
}

/** Sweeps over all shares, and the change of a share below which they have settled. */
const [SWEEPS, SETTLED] = [500, 1e-4]

/**
 * z less such shares of the effects that little is left: least squares within limits, one share after the other, from 0 on. Each step is
 * within the limits and makes ‖z‖ no larger.
 */
export function nearestShares(z: Float64Array, ways: readonly Takeable[]): Float64Array {
  const among = ways.map(({ effect }) => ways.map((other) => dot(effect, other.effect)))
  const along = ways.map(({ effect }) => dot(z, effect))
  const shares = new Float64Array(ways.length)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let most = 0
    ways.forEach(({ allowance, part }, i) => {
      if (among[i][i] === 0) return
      const others = ways.reduce(
        (sum, way, j) => (j !== i && way.allowance === allowance ? sum + way.part * shares[j] : sum),
        0,
      )
      const best = shares[i] + (along[i] - dot(among[i], shares)) / among[i][i]
      const least = Math.max(-1, (-1 - others) / part)
      const share = Math.max(least, Math.min(1, (1 - others) / part, best))
      most = Math.max(most, Math.abs(share - shares[i]))
      shares[i] = share
    })
    if (most < SETTLED) break
  }
  return z.map((value, at) =>
    ways.reduce((left, { effect }, i) => (shares[i] === 0 ? left : left - shares[i] * effect[at]), value),
  )
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}
