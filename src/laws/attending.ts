/** An equation that is a transformer layer, by the names its parts have there. */
export interface Attending {
  readonly id: string
  readonly queries: string
  /** What gives keys and values alone. */
  readonly keys: string
  /** Extents of queries and of `keys`. */
  readonly Nq: string
  readonly Nk: string
  readonly hat: string
  readonly out: string
}

const eq1: Attending = {
  id: 'stvit/eq1',
  queries: 'input.P',
  keys: 'input.X',
  Nq: 'Ns',
  Nk: 'Ni',
  hat: 'S_hat',
  out: 'S',
}
/** Its queries S1 are keys too. */
const eq2: Attending = { ...eq1, id: 'stvit/eq2', queries: 'input.S1' }
const eq6: Attending = {
  id: 'stvit/eq6',
  queries: 'input.X',
  keys: 'input.S',
  Nq: 'Nx',
  Nk: 'Ns',
  hat: 'X_hat',
  out: 'X_out',
}

export const layers: readonly Attending[] = [eq1, eq2, eq6]
/** Those whose queries are not also keys. */
export const crossLayers: readonly Attending[] = [eq1, eq6]

export function idsOf(all: readonly Attending[]): string[] {
  return all.map(({ id }) => id)
}
