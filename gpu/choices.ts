import type { Dispatch, Storage } from './program.ts'

/** Two ways to the same storages: all that a text does, and what does it in one go. */
export interface Choice {
  readonly body: readonly Dispatch[]
  readonly instead: readonly Dispatch[]
}

/**
 * The dispatches with every body replaced of which nothing is asked but what comes of it: no storage that it writes and its
 * replacement does not is wanted or read outside of it. Outer choices are made before those inside them.
 * @param choices in the order in which their bodies ended
 */
export function chosen(
  all: readonly Dispatch[],
  choices: readonly Choice[],
  wanted: readonly Storage[],
): { readonly dispatches: readonly Dispatch[]; readonly unwritten: readonly Storage[] } {
  let dispatches = all
  const unwritten: Storage[] = []
  for (const { body, instead } of choices.toReversed()) {
    const inside = new Set(body)
    // a body in part replaced already is gone with its surroundings
    if (!body.every((dispatch) => dispatches.includes(dispatch))) continue
    const kept = new Set(instead.flatMap(written))
    const lost = new Set(body.flatMap(written).filter((storage) => !kept.has(storage)))
    const others = [...dispatches.filter((dispatch) => !inside.has(dispatch)), ...instead]
    const asked = [...wanted, ...others.flatMap(({ reads }) => reads)]
    if (asked.some((storage) => lost.has(storage))) continue
    const at = dispatches.indexOf(body[0])
    dispatches = [...dispatches.slice(0, at), ...instead, ...dispatches.slice(at + body.length)]
    unwritten.push(...lost)
  }
  return { dispatches, unwritten }
}

function written({ bindings, reads }: Dispatch): Storage[] {
  return bindings.filter((storage) => !reads.includes(storage))
}
