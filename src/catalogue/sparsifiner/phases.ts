import { trainingObjective as text } from '../../../reference/sparsifiner/training-objective.ts'
import type { Equation, ExposedSpec } from '../schema.ts'
import { reduction, reductions } from './eq10.ts'
import { direction, directions } from './eq9.ts'

const loss: ExposedSpec = { dims: [], output: true }

/** One text; the phase, and with it the id, decides the λ. */
function objective(phase: 1 | 2, weights: string): Equation {
  return {
    id: `sparsifiner/phase${phase}`,
    title: `Objective of training phase ${phase}`,
    source: `Sparsifiner Eqs. (7) to (12) with ${weights}`,
    file: 'reference/sparsifiner/training-objective.ts',
    inputs: {
      logits: { dims: ['B', 'k'], fill: 'tokens' },
      target: { dims: ['B', 'k'], fill: 'target' },
      x: { dims: ['B', 'n', 'C'], fill: 'tokens' },
      x_teach: { dims: ['B', 'n', 'C'], fill: 'tokens' },
      logits_teach: { dims: ['B', 'k'], fill: 'tokens' },
      A_tilde: { dims: ['..', 'n', 'm'], fill: 'coefficients' },
      A_teach: { dims: ['..', 'n', 'n'], fill: 'probabilities' },
    },
    params: { W_up: { dims: ['m', 'n'], fill: 'basis' } },
    config: { direction, reduction },
    exposes: {
      'L_cls.log_probs': { dims: ['B', 'k'] },
      'L_cls.per_sample': { dims: ['B'] },
      L_cls: loss,
      L_token: loss,
      'L_kl.log_probs': { dims: ['B', 'k'] },
      'L_kl.log_probs_teach': { dims: ['B', 'k'] },
      'L_kl.per_sample': { dims: ['B'] },
      L_kl: loss,
      'L_attn.scores': { dims: ['..', 'n', 'n'] },
      L_attn: loss,
      L_spa: loss,
      loss,
    },
    sizes: (draw) => ({
      B: draw.integer(1, 4),
      k: draw.integer(1, 10),
      n: draw.integer(1, 10),
      C: draw.integer(1, 8),
      m: draw.integer(1, 8),
    }),
    sampleConfig: (draw) => ({ direction: draw.pick(directions), reduction: draw.pick(reductions) }),
    evaluate: (a, ask) => {
      const inputs = {
        logits: ask.input('logits'),
        target: ask.input('target'),
        x: ask.input('x'),
        x_teach: ask.input('x_teach'),
        logits_teach: ask.input('logits_teach'),
        A_tilde: ask.input('A_tilde'),
        A_teach: ask.input('A_teach'),
      }
      const options = {
        phase,
        direction: ask.choice('direction', directions),
        reduction: ask.choice('reduction', reductions),
      }
      return text(a, inputs, { W_up: ask.param('W_up') }, options)
    },
  }
}

export const phase1: Equation = objective(1, 'λ_attn = 1, all others 0')
export const phase2: Equation = objective(2, 'λ_token = λ_cls = 0.5, all others 0')
