import { isMask, type Ask, type Named } from './ask.ts'
import { grid, type Grid } from './grid.ts'
import type { Ball } from './numbers/ball.ts'

/** One item's question as a part of it has it: params under `prefix`, and inputs of its own. */
export function inside(item: Ask, prefix: string, inputs: Readonly<Record<string, Grid<Ball>>> = {}): Ask {
  return {
    ...item,
    input(name) {
      if (!Object.hasOwn(inputs, name))
        throw new RangeError(`${prefix}: expected input ${name}, found nothing`)
      return inputs[name]
    },
    param: (name) => item.param(`${prefix}${name}`),
    paramFloats: (name) => item.paramFloats(`${prefix}${name}`),
    hasParam: (name) => item.hasParam(`${prefix}${name}`),
  }
}

/** The same with slice `i` of every param: layer i of a stack. */
export function insideStack(item: Ask, prefix: string, i: number): Ask {
  const part = inside(item, prefix)
  return {
    ...part,
    param(name) {
      const whole = part.param(name)
      return grid(whole.shape.slice(1), (...index) => whole.at(i, ...index))
    },
  }
}

/** The names under `prefix`, without `hidden`. */
export function renamed(prefix: string, named: Named, hidden: readonly string[]): Named {
  const kept = [...named].filter(([name]) => !hidden.includes(name))
  return new Map(kept.map(([name, x]) => [`${prefix}${name}`, x]))
}

/** The numbers called `name`. */
export function numbersNamed(named: Named, name: string): Grid<Ball> {
  const found = named.get(name)
  if (found === undefined || isMask(found)) throw new RangeError(`expected numbers called ${name}`)
  return found
}

/** x[r·W + c, ·] = X[r, c, ·]: the places of a map [H, W, C] as tokens [H·W, C]. */
export function placesOf(X: Grid<Ball>): Grid<Ball> {
  const [H, W, C] = X.shape
  return grid([H * W, C], (t, c) => X.at(Math.floor(t / W), t % W, c))
}
