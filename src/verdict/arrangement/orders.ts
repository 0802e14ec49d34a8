import type { Shape } from '../../../reference/tensor.ts'

/** Another order in which a tensor's elements may have been written. */
export interface Order {
  /** After "is what it should be". */
  readonly says: string
  /** The index of the element that stands at an index; −1 where anything may. */
  readonly from: (index: number) => number
}

/** Orders that buffers end up in: axes permuted, reversed or shifted, one slice of an axis throughout. */
export function ordersOf(shape: Shape, names: readonly string[]): Order[] {
  const axes = shape.map((extent, axis) => ({ axis, extent, name: names[axis] })).filter(isLong)
  return [
    ...permutationsOf(shape, names),
    { says: 'one element too late in memory', from: (index) => index - 1 },
    { says: 'one element too early in memory', from: (index) => index + 1 },
    ...axes.flatMap(({ axis, extent, name }) => [
      along(shape, axis, `at ${name} 0, for every ${name}`, () => 0),
      along(shape, axis, `with ${name} in reverse`, (i) => extent - 1 - i),
      along(shape, axis, `moved on by one along ${name}`, (i) => i - 1),
      along(shape, axis, `moved back by one along ${name}`, (i) => (i + 1 < extent ? i + 1 : -1)),
    ]),
  ]
}

function isLong({ extent }: { readonly extent: number }): boolean {
  return extent > 1
}

/** Tensors written with their axes in another order, and read as if they were in this one. */
function permutationsOf(shape: Shape, names: readonly string[]): Order[] {
  const axes = [...shape.keys()]
  const long = axes.filter((axis) => shape[axis] > 1)
  const orders: Order[] = []
  const seen = new Set([key(axes, shape)])
  const add = (permutation: readonly number[], says: string): void => {
    if (seen.has(key(permutation, shape))) return
    seen.add(key(permutation, shape))
    orders.push({ says, from: permuted(shape, permutation) })
  }
  if (long.length > 2) add(axes.toReversed(), 'written in column-major (Fortran) order')
  long.forEach((a, i) => {
    for (const b of long.slice(i + 1)) {
      add(
        axes.map((axis) => (axis === a ? b : axis === b ? a : axis)),
        `written with ${names[a] === names[b] ? `its two ${names[a]}` : `${names[a]} and ${names[b]}`} exchanged`,
      )
    }
  })
  const last = shape.length - 1
  for (const axis of long.filter((one) => one < last)) {
    const others = axes.slice(0, -1)
    add(
      [...others.slice(0, axis), last, ...others.slice(axis)],
      `written with ${names[last]} before ${names[axis]}`,
    )
    add([...axes.filter((other) => other !== axis), axis], `written with ${names[axis]} last`)
  }
  return orders
}

/** Permutations that differ by axes of one element alone are the same. */
function key(permutation: readonly number[], shape: Shape): string {
  return permutation.filter((axis) => shape[axis] > 1).join()
}

function permuted(shape: Shape, permutation: readonly number[]): Order['from'] {
  const strides = stridesOf(shape)
  const written = permutation.map((axis) => shape[axis])
  return (index) => {
    let [rest, from] = [index, 0]
    for (let k = permutation.length - 1; k >= 0; k--) {
      from += (rest % written[k]) * strides[permutation[k]]
      rest = Math.floor(rest / written[k])
    }
    return from
  }
}

/** Slices of one axis taken from elsewhere on it; from −1 where anything may be. */
function along(shape: Shape, axis: number, says: string, slice: (i: number) => number): Order {
  const [stride, extent] = [stridesOf(shape)[axis], shape[axis]]
  return {
    says,
    from: (index) => {
      const i = Math.floor(index / stride) % extent
      const other = slice(i)
      return other < 0 ? -1 : index + (other - i) * stride
    },
  }
}

export function stridesOf(shape: Shape): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((product, extent) => product * extent, 1))
}
