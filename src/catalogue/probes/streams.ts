import { isFilled, type Probe } from './probe.ts'

function stream(name: string, magnitude: number, about: string): Probe {
  return {
    name,
    about,
    applies: (equation) => isFilled(equation, 'tokens'),
    sampling: () => ({ magnitude }),
  }
}

/** Residual streams far from 1: what an absolute tolerance judges wrongly, and where ε and the residual change weight. */
export const smallStream: Probe = stream(
  'small-stream',
  0.01,
  'tokens × 0.01: absolute tolerances and constants, ε, flushed small numbers',
)
export const largeStream: Probe = stream(
  'large-stream',
  30,
  'tokens × 30: overflowing exp, residuals that swamp what is added to them',
)
