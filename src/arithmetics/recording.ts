import type { Arithmetic, Kinds } from '../../reference/arithmetic.ts'
import type { Evaluator, Intake, Value } from '../../reference/evaluator.ts'

/** What an equation exposed, of one of the arithmetic's kinds. */
export type Exposed<K extends Kinds> =
  | { readonly kind: 'dense'; readonly x: K['Dense'] }
  | { readonly kind: 'sparse'; readonly x: K['Sparse'] }
  | { readonly kind: 'mask'; readonly x: K['Mask'] }

/** What an equation is to go on with at `path`, if not with what it `computed` there; of the same kind. */
export type Given<K extends Kinds> = (path: string, computed: Exposed<K>) => Exposed<K> | undefined

export interface Recording<K extends Kinds> {
  readonly rules: Arithmetic<K>
  /** What has been exposed so far, by path, in order of computing: as computed, also where a given tensor replaced it. */
  readonly exposed: ReadonlyMap<string, Exposed<K>>
}

/**
 * The evaluator's rules with `scope` and `expose` keeping what passes through them. Where `given` has a tensor for
 * that path, the equation goes on with it instead of what it computed (teacher forcing).
 */
export function recording<K extends Kinds>(
  evaluator: Pick<Intake<K>, 'rules'>,
  given: Given<K> = () => undefined,
): Recording<K> {
  const exposed = new Map<string, Exposed<K>>()
  const scopes: string[] = []
  const pathOf = (name: string): string => [...scopes, name].join('.')
  const mismatch = (path: string, kind: string): TypeError =>
    new TypeError(`${path}: a ${kind} was exposed, another kind given`)

  const rules: Arithmetic<K> = {
    ...evaluator.rules,
    scope(name, body) {
      scopes.push(name)
      try {
        return body()
      } finally {
        scopes.pop()
      }
    },
    expose(name, x) {
      const path = pathOf(name)
      exposed.set(path, { kind: 'dense', x })
      const forced = given(path, { kind: 'dense', x })
      if (forced === undefined) return x
      if (forced.kind !== 'dense') throw mismatch(path, 'dense tensor')
      return forced.x
    },
    exposeSparse(name, x) {
      const path = pathOf(name)
      exposed.set(path, { kind: 'sparse', x })
      const forced = given(path, { kind: 'sparse', x })
      if (forced === undefined) return x
      if (forced.kind !== 'sparse') throw mismatch(path, 'sparse tensor')
      return forced.x
    },
    exposeMask(name, x) {
      const path = pathOf(name)
      exposed.set(path, { kind: 'mask', x })
      const forced = given(path, { kind: 'mask', x })
      if (forced === undefined) return x
      if (forced.kind !== 'mask') throw mismatch(path, 'mask')
      return forced.x
    },
  }
  return { rules, exposed }
}

/** Reads what was exposed out of the arithmetic. */
export function read<K extends Kinds>(evaluator: Evaluator<K>, exposed: Exposed<K>): Value {
  switch (exposed.kind) {
    case 'dense':
      return { kind: 'dense', tensor: evaluator.readDense(exposed.x) }
    case 'sparse':
      return { kind: 'dense', tensor: evaluator.readSparse(exposed.x) }
    case 'mask':
      return { kind: 'mask', mask: evaluator.readMask(exposed.x) }
  }
}
