import { exact, primitives as p, within } from '../bounds-primitives/index.ts'
import { attacksOf, byLog, flushing, MUCH, quiet, repeated, rising, still, type Climbed } from './attack.ts'

/** On softmax, softmax by its logarithm, and log-softmax. */
export const SOFTMAX_ATTACKS: readonly Climbed[] = attacksOf((attack) => {
  const exps = { exp: { ulp: MUCH, ulpPerUnit: 0 } }
  const anew = 'online, numerators anew'
  const rescaled = 'online, numerators rescaled'
  attack(0.999, still, p.softmax, 'shifted', [within(0.01, 0, 0)])
  attack(0.999, still, p.softmax, 'shifted', [within(3, 0, 1, -1)], 1)
  attack(0.99, quiet(exps), p.softmax, 'shifted', [exact(0, -1e-9)])
  attack(0.95, quiet({ exp: { ulp: 0, ulpPerUnit: MUCH } }), p.softmax, 'shifted', [exact(0, -20)], 1)
  attack(0.97, still, p.softmax, 'shifted', [exact(0, -80)], 1)
  attack(
    0.99,
    quiet({ exp: { ulp: 0, ulpPerUnit: MUCH / 64 } }, { unshiftedSoftmax: true }),
    p.softmax,
    'unshifted',
    [exact(60, 60)],
  )
  attack(0.95, quiet(exps, { onlineRescales: 12 }), p.softmax, rescaled, [exact(...rising(12, 0.01), 12)])
  attack(0.55, quiet(exps, { onlineRescales: 1 }), p.softmax, anew, [exact(1e-7, 0, 2e-7)], 1)
  attack(0.99, quiet({ divide: { ulp: MUCH } }), p.softmax, 'shifted', [exact(0, 0)])
  attack(0.6, quiet({}, { onlineRescales: 12 }), p.softmax, rescaled, [exact(...rising(13, 1e-12))])
  attack(0.9, flushing, p.softmax, 'shifted', [exact(0, -86.7)], 1)
  attack(0.9, quiet(exps), p.softmax, 'shifted', [exact(0, -98)], 1)
  attack(0.95, still, p.softmax, 'shifted', [exact(0, ...repeated(11, -20))])

  // by its logarithm
  const [byL, unshifted, inBase2] = ['', ', unshifted', ', to base 2'].map((how) => `by its logarithm${how}`)
  attack(0.9, quiet({ log: { ulp: 0, nearOne: 0.01 } }, byLog), p.softmax, byL, [within(0.05, 0, 0)])
  attack(0.9, quiet({ log: { ulp: MUCH, nearOne: 0 } }, byLog), p.softmax, byL, [exact(...repeated(20, 0))])
  attack(
    0.9,
    quiet({ log: { ulp: MUCH, nearOne: 0 } }, { ...byLog, unshiftedSoftmax: true }),
    p.softmax,
    unshifted,
    [exact(60, 60)],
  )
  attack(0.9, quiet({ exp: { ulp: MUCH, ulpPerUnit: 0 } }, byLog), p.softmax, byL, [exact(0, -1e-9)])
  attack(0.95, quiet({}, byLog), p.softmax, inBase2, [exact(1000, 999)])
  attack(0.7, quiet({}, byLog), p.softmax, inBase2, [exact(0, -60)], 1)

  // log-softmax
  attack(0.999, still, p.logSoftmax, 'differences', [within(0.01, 0, 0)])
  attack(0.999, still, p.logSoftmax, 'differences', [within(3, 0, 1, -1)], 1)
  attack(0.99, quiet({ log: { ulp: 0, nearOne: 0.01 } }), p.logSoftmax, 'differences', [exact(0, 0)])
  attack(0.99, quiet({ log: { ulp: MUCH, nearOne: 0 } }), p.logSoftmax, 'differences', [
    exact(...repeated(20, 0)),
  ])
  attack(
    0.99,
    quiet({ log: { ulp: MUCH, nearOne: 0 } }, { unshiftedSoftmax: true }),
    p.logSoftmax,
    'unshifted',
    [exact(60, 60)],
  )
  attack(0.99, quiet(exps), p.logSoftmax, 'differences', [exact(0, -3)], 1)
  attack(0.9, still, p.logSoftmax, 'differences', [exact(0, -60)], 1)
  attack(0.9, still, p.logSoftmax, 'one sum', [exact(1000, 999)])
  attack(0.5, quiet({}, { onlineRescales: 12 }), p.logSoftmax, 'online', [exact(...rising(13, 1e-12))])
  attack(0.95, still, p.logSoftmax, 'differences', [exact(0, ...repeated(11, -20))])
  attack(0.5, quiet(exps, { onlineRescales: 12 }), p.logSoftmax, 'online', [exact(...rising(12, 0.01), 1)])
})
