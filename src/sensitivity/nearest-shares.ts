/** Sweeps over all shares, and the change of a share below which they have settled. */
const [SWEEPS, SETTLED] = [500, 1e-4]

/**
 * z less shares of the effects in [−1, 1], such that little is left: least squares within limits, one share after the
 * other, from 0 on. Each step is within the limits and makes ‖z‖ no larger.
 */
export function nearestShares(z: Float64Array, effects: readonly Float64Array[]): Float64Array {
  const among = effects.map((effect) => effects.map((other) => dot(effect, other)))
  const along = effects.map((effect) => dot(z, effect))
  const shares = new Float64Array(effects.length)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let most = 0
    among.forEach((products, i) => {
      if (products[i] === 0) return
      const best = shares[i] + (along[i] - dot(products, shares)) / products[i]
      const share = Math.max(-1, Math.min(1, best))
      most = Math.max(most, Math.abs(share - shares[i]))
      shares[i] = share
    })
    if (most < SETTLED) break
  }
  return z.map((value, at) => effects.reduce((left, effect, i) => left - shares[i] * effect[at], value))
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}
