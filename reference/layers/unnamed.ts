import { withRule, type Arithmetic, type Kinds } from '../arithmetic.ts'

/**
 * The arithmetic that does not expose `names`, or nothing at all where they are left out: for a text inside another one, which
 * gives its own name to what comes out, or has no name for what happens there.
 */
export function unnamed<K extends Kinds>(a: Arithmetic<K>, names?: readonly string[]): Arithmetic<K> {
  const hidden = (name: string): boolean => names?.includes(name) ?? true
  return withRule(a, { expose: (name, x) => (hidden(name) ? x : a.expose(name, x)) })
}
