import { exact, primitives as p, within } from '../bounds-primitives/index.ts'
import {
  attacksOf,
  flat,
  flushing,
  leading,
  MUCH,
  pairs,
  quiet,
  repeated,
  rising,
  still,
  SUBNORMAL,
  type Climbed,
} from './attack.ts'

/** On LayerNorm: x, weight, bias; ε = 1e-6. */
export const LAYER_NORM_ATTACKS: readonly Climbed[] = attacksOf((attack) => {
  const two = 'two passes'
  const near = (n: number): number[] => Array.from({ length: n }, (_, i) => 1 + 1e-6 * i)
  attack(0.85, still, p.layerNorm, two, [{ v: rising(16, 1e-6), b: repeated(16, 1e-5) }, ...flat(16)])
  attack(0.8, still, p.layerNorm, two, [exact(...near(4)), ...flat(4)])
  attack(0.9, quiet({ divide: { ulp: 1000 } }), p.layerNorm, two, [exact(...near(4)), ...flat(4)])
  attack(0.9, still, p.layerNorm, two, [exact(1, 0.5), ...flat(2)])
  attack(0.8, quiet({ divide: { ulp: 1000 } }), p.layerNorm, 'two passes, by root', [
    exact(1, -1),
    ...flat(2),
  ])
  attack(0.99, quiet({ inverseSqrt: { ulp: MUCH } }), p.layerNorm, two, [exact(1, -1), ...flat(2)])
  attack(0.8, quiet({}, { onePassLayerNorm: true }), p.layerNorm, 'one pass', [exact(10, 11), ...flat(2)])
  attack(0.8, quiet({}, { foldedLayerNorm: true }), p.layerNorm, 'folded, mean first', [
    exact(1000, 1001),
    ...flat(2),
  ])
  attack(0.9, quiet({}, { foldedLayerNorm: true }), p.layerNorm, 'folded', [
    exact(1, -1),
    exact(1, 1),
    exact(1e6, 1e6),
  ])
  attack(0.9, still, p.layerNorm, two, [exact(1, -1), within(0.1, 1, 1), exact(0, 0)])
  attack(0.9, still, p.layerNorm, two, [exact(1, -1), exact(1, 1), within(0.1, 0, 0)])
  attack(0.6, flushing, p.layerNorm, two, [
    exact(...leading(64)),
    exact(...repeated(64, SUBNORMAL)),
    exact(...repeated(64, 0)),
  ])
  attack(
    0.9,
    { ...flushing, rewrites: { ...flushing.rewrites, foldedLayerNorm: true } },
    p.layerNorm,
    'folded, mean first',
    [exact(...repeated(63, 1), 0.96), exact(...repeated(63, 0), SUBNORMAL), exact(...repeated(64, 0))],
    63,
  )
  attack(0.7, flushing, p.layerNorm, 'gain first', [exact(1e19, -1e19), exact(1.1e-19, 1.1e-19), exact(0, 0)])

  attack(0.9, still, p.layerNorm, two, [{ v: [1, -4, 1, 1, 1], b: [0, 0, 1e-4, 1e-4, 1e-4] }, ...flat(5)])
  attack(0.8, still, p.layerNorm, two, [
    { v: [...pairs, ...pairs, 0], b: [...repeated(16, 0), 3] },
    ...flat(17),
  ])
})
