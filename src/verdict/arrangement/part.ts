import type { Shape } from '../../../reference/tensor.ts'
import { stridesOf } from './orders.ts'

/** Where in a tensor something is off, if it is at few indices of some axes. */
export interface Part {
  /** `[:, 4, 0…3]` */
  readonly says: string
  readonly has: (index: number) => boolean
  readonly elements: number
}

/** More indices of an axis than this are not listed, unless they follow one another. */
const LISTED = 4

/** The smallest part of a tensor, by indices of each axis, that has everything that is off; undefined where nothing is. */
export function partOf(shape: Shape, isOff: (index: number) => boolean): Part | undefined {
  const strides = stridesOf(shape)
  const hit = shape.map((extent) => new Uint8Array(extent))
  const size = shape.reduce((product, extent) => product * extent, 1)
  let any = false
  for (let index = 0; index < size; index++) {
    if (!isOff(index)) continue
    any = true
    hit.forEach((indices, axis) => {
      indices[Math.floor(index / strides[axis]) % shape[axis]] = 1
    })
  }
  if (!any) return undefined
  const listed = hit.map((indices) => [...indices.keys()].filter((i) => indices[i] === 1))
  return {
    says: `[${listed.map((indices, axis) => formatIndices(indices, shape[axis])).join(', ')}]`,
    has: (index) =>
      hit.every((indices, axis) => indices[Math.floor(index / strides[axis]) % shape[axis]] === 1),
    elements: listed.reduce((product, indices) => product * indices.length, 1),
  }
}

function formatIndices(indices: readonly number[], extent: number): string {
  const [first, last] = [indices[0], indices[indices.length - 1]]
  if (indices.length === extent) return extent === 1 ? '0' : ':'
  if (indices.length === 1) return `${first}`
  if (last - first + 1 === indices.length) return `${first}…${last}`
  return indices.length <= LISTED ? indices.join(' ') : `${indices.length} of ${extent}`
}
