import { exact, primitives as p, within, type Operand } from '../bounds-primitives/index.ts'
import { attacksOf, byLog, flat, inBf16, pairs, quiet, repeated, type Climbed } from './attack.ts'

/** On LayerNorm, GELU and softmax written out, each step stored. */
export const STEPWISE_ATTACKS: readonly Climbed[] = attacksOf((attack) => {
  const steps = { stepwise: true }
  const written = quiet({}, steps, inBf16)
  const writtenInFp16 = quiet({}, steps, {
    formats: { productInputs: 'fp16', results: 'fp16', outputs: 'fp16' },
  })
  const inSteps = 'in steps'
  const [byRoot, withRoot, gainFirst] = ['by root', 'gain with the root', 'gain first'].map(
    (how) => `${inSteps}, ${how}`,
  )
  const zeros = (n: number): Operand => exact(...repeated(n, 0))
  /** Two large deviations and two small ones, whose own errors are not those of the variance. */
  const small = [exact(1.04, -1.04, 0.18, -0.18), ...flat(4)]
  const smallInFp16 = (size: number): Operand[] => [exact(...small[0].v.map((x) => x * size)), ...flat(4)]
  attack(0.8, written, p.layerNorm, inSteps, [exact(72, 56), ...flat(2)])
  attack(0.85, written, p.layerNorm, inSteps, [exact(127, 65), ...flat(2)])
  attack(0.95, written, p.layerNorm, withRoot, [exact(...repeated(12, 64.5), 90), ...flat(13)])
  attack(0.95, written, p.layerNorm, withRoot, small, 2)
  attack(0.85, written, p.layerNorm, byRoot, small, 2)
  attack(0.85, written, p.layerNorm, inSteps, small, 2)
  attack(0.85, written, p.layerNorm, gainFirst, small, 2)
  attack(0.75, writtenInFp16, p.layerNorm, withRoot, smallInFp16(1e-3), 2)
  attack(0.8, writtenInFp16, p.layerNorm, inSteps, [exact(...repeated(15, 2039.5), 2047.5), ...flat(16)], 15)
  attack(0.9, written, p.layerNorm, inSteps, [{ v: [1, -4, 1, 1, 1], b: [0, 0, 0.1, 0.1, 0.1] }, ...flat(5)])
  attack(0.9, written, p.layerNorm, inSteps, [exact(1, -1), within(0.3, 1, 1), zeros(2)])
  attack(0.9, written, p.layerNorm, inSteps, [exact(1, -1), exact(1, 1), within(0.3, 0, 0)])
  attack(0.8, writtenInFp16, p.layerNorm, inSteps, [
    { v: [...pairs, ...pairs, 0], b: [...repeated(16, 0), 3] },
    ...flat(17),
  ])
  const halfFirst = 'in steps, half of x first'
  attack(0.99, written, p.gelu, halfFirst, [exact(1.41)])
  attack(0.99, writtenInFp16, p.gelu, 'in steps, half of the sum', [exact(0.67)])
  attack(0.95, written, p.gelu, 'in steps, x first', [exact(0.67)])
  for (const x of [-0.68, -1.41, -3]) attack(0.99, writtenInFp16, p.gelu, 'in steps, two halves', [exact(x)])
  attack(0.99, writtenInFp16, p.gelu, 'in steps, two halves', [exact(1e-5)])
  const reciprocal = 'in steps, by the reciprocal'
  const lower = Array.from({ length: 30 }, (_, i) => -0.68 - 1e-6 * i)
  attack(0.9, written, p.softmax, inSteps, [exact(0, -20)], 1)
  attack(0.98, written, p.softmax, reciprocal, [exact(0, ...lower)], 1)
  attack(0.8, written, p.softmax, reciprocal, [exact(0, -0.68)], 1)
  attack(0.95, writtenInFp16, p.softmax, reciprocal, [exact(0, -11)], 1)
  attack(0.95, written, p.softmax, inSteps, [within(0.3, 0, 0)], 1)
  attack(0.99, written, p.logSoftmax, inSteps, [exact(0, -20)], 1)
  attack(0.75, written, p.logSoftmax, inSteps, [exact(0, ...lower)], 1)
  attack(0.9, written, p.logSoftmax, inSteps, [exact(0, ...lower)])
  attack(0.95, written, p.logSoftmax, inSteps, [within(0.3, 0, 0)], 1)
  // not shifted, a sum among the subnormals of fp16
  const unshiftedInFp16 = quiet({}, { ...byLog, unshiftedSoftmax: true }, { formats: writtenInFp16.formats })
  attack(0.3, unshiftedInFp16, p.softmax, 'by its logarithm, unshifted', [exact(-13.6)])
})
