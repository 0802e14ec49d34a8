import type { Evaluator } from '../../reference/evaluator.ts'
import { float32Dense, type FullKinds } from '../../reference/float32/index.ts'
import type { Equation } from '../catalogue/schema.ts'
import type { Judge } from '../verdict/judgement.ts'
import { map } from './tensors.ts'
import { NORMED, SOFTMAX } from './mutants/groups.ts'
import { config, lastOutput, rule, text, type Mutant } from './mutants/mutant.ts'
import { play } from './play.ts'
import { DETECTORS, type SweepResult } from './results.ts'
import { drawn } from './questions.ts'
import { said, settingOf, type Setting } from './said.ts'
import { reds } from './tally.ts'

/** A fault of adjustable size 2^−k. */
interface Sweep {
  readonly id: string
  readonly about: string
  /** The equations it can be planted in; all unless given. */
  readonly equations?: readonly string[]
  plant(size: number): Mutant
}

/** The sizes tried: 2⁻¹, 2⁻², … */
const EXPONENTS: readonly number[] = Array.from({ length: 22 }, (_, i) => i + 1)

/** The faults whose least size caught is looked for. */
export const sweeps: readonly Sweep[] = [
  {
    id: 'gain',
    about: 'the last output times 1 + δ',
    plant: (size) =>
      text('gain', 'subtle', [], '', (a, question) => {
        const last = lastOutput(question)
        return {
          expose: (name, x) => a.expose(name, name === last ? a.scale(x, 1 + size) : x),
          exposeSparse: (name, x) => a.exposeSparse(name, name === last ? a.sparseScale(x, 1 + size) : x),
        }
      }),
  },
  {
    id: 'temperature',
    about: 'the logits of every softmax times 1 + δ',
    equations: [...SOFTMAX, 'sparsifiner/eq7', 'sparsifiner/eq9'],
    plant: (size) =>
      rule('temperature', 'subtle', [], '', ({ softmax, maskedSoftmax, logSoftmax }) => {
        const warmer = (x: Parameters<typeof softmax>[0]): typeof x => map(x, (value) => value * (1 + size))
        return {
          softmax: (x) => softmax(warmer(x)),
          logSoftmax: (x) => logSoftmax(warmer(x)),
          maskedSoftmax: (mask, x) => maskedSoftmax(mask, { ...x, values: warmer(x.values) }),
        }
      }),
  },
  {
    id: 'epsilon',
    about: 'ε of every LayerNorm times 1 + δ',
    equations: NORMED,
    plant: (size) => config('epsilon', 'subtle', [], '', ({ eps }) => ({ eps: Number(eps) * (1 + size) })),
  },
  {
    id: 'rsqrt',
    about: 'what LayerNorm gives, before gain and bias, times 1 + δ',
    equations: NORMED,
    plant: (size) =>
      rule('rsqrt', 'subtle', [], '', ({ layerNorm }) => ({
        layerNorm: (x, weight, bias, eps) =>
          layerNorm(
            x,
            map(weight, (value) => value * (1 + size)),
            bias,
            eps,
          ),
      })),
  },
]

/** For every sweep and detector, the least size that is caught together with all larger ones, on each seed. */
export function sweepEquation(equation: Equation, seeds: readonly number[], judge: Judge): SweepResult {
  const own = sweeps.filter(({ equations }) => equations === undefined || equations.includes(equation.id))
  const settings = seeds.map((seed) => settingOf(drawn(equation, seed).question, judge))
  return Object.fromEntries(
    own.map((sweep) => {
      const least = settings.map((setting) => leastCaught(setting, sweep, float32Dense()))
      return [
        sweep.id,
        Object.fromEntries(DETECTORS.map((detector, i) => [detector, least.map((each) => each[i])])),
      ]
    }),
  )
}

function leastCaught(setting: Setting, { plant }: Sweep, base: Evaluator<FullKinds>): (number | null)[] {
  const least: (number | null)[] = DETECTORS.map(() => null)
  const open = DETECTORS.map(() => true)
  for (const exponent of EXPONENTS) {
    const planted = plant(2 ** -exponent).plant({ runtime: base, question: setting.question })
    reds(said(setting, play(planted.runtime, planted.question))).forEach((red, i) => {
      if (red !== true) open[i] = false
      if (open[i]) least[i] = exponent
    })
    if (!open.includes(true)) break
  }
  return least
}
