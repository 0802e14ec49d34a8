import { readConfig } from '../cases/config.ts'
import { demandEachOnce, jsonOf } from '../cases/json-keys.ts'
import { clip } from '../cases/raw-tensor.ts'
import type { SampleOptions } from '../catalogue/sample.ts'
import type { Equation } from '../catalogue/schema.ts'
import { QuestionError } from '../errors.ts'
import { readPresence, type PresenceTexts } from './optional-params.ts'

/** What commands that draw questions take, as typed. */
export interface SamplingTexts extends PresenceTexts {
  readonly config?: string
  readonly sizes?: string
  readonly batch?: string
}

/**
 * Reads what is asked of the sampler.
 * @throws QuestionError naming the option
 */
export function readSampling(equation: Equation, texts: SamplingTexts): SampleOptions {
  const { config, sizes, batch } = texts
  return {
    has: readPresence(equation, texts),
    ...(config === undefined ? {} : { config: readConfig(equation, config) }),
    ...(sizes === undefined ? {} : { sizes: readSizes(sizes) }),
    ...(batch === undefined ? {} : { lead: readBatch(batch) }),
  }
}

function readSizes(text: string): Record<string, number> {
  const parsed = parse('--sizes', 'a JSON object of extents', text)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new QuestionError({ tensor: '--sizes', expected: 'a JSON object of extents', found: clip(text) })
  }
  demandEachOnce('--sizes', text)
  // not by assignment: "__proto__" would be no key of the copy, and so no unknown extent
  return Object.fromEntries(
    Object.entries(parsed).map(([symbol, extent]: [string, unknown]) => {
      if (typeof extent === 'number') return [symbol, extent]
      const found = clip(jsonOf(extent))
      throw new QuestionError({ tensor: `--sizes ${clip(symbol)}`, expected: 'an integer ≥ 1', found })
    }),
  )
}

function readBatch(text: string): number[] {
  const expected = 'a JSON array of integers ≥ 1'
  const parsed = parse('--batch', expected, text)
  if (!Array.isArray(parsed) || !parsed.every((extent) => Number.isSafeInteger(extent) && extent >= 1)) {
    throw new QuestionError({ tensor: '--batch', expected, found: clip(text) })
  }
  return parsed.map(Number)
}

function parse(tensor: string, expected: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new QuestionError({ tensor, expected, found: clip(text) })
  }
}
