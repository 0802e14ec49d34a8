import type { Arithmetic } from '../../reference/arithmetic.ts'
import { ShapeError } from '../../reference/shape-error.ts'
import { formatShape, sizeOf, type Shape } from '../../reference/tensor.ts'
import type { Recorder, Storage } from '../program.ts'
import type { GpuKinds } from './kinds.ts'
import { axisOf, mapOf } from './shapes.ts'

type Rules = Pick<Arithmetic<GpuKinds>, 'shape' | 'reshape' | 'swapAxes' | 'concat' | 'slice' | 'windows'>

/** A box of five extents, and how far apart its elements are in what is read and what is written. */
interface Box {
  readonly extents: readonly number[]
  readonly x: { readonly start: number; readonly strides: readonly number[] }
  readonly y: { readonly start: number; readonly strides: readonly number[] }
}

/** The primitives that only move elements. */
export function places(record: Recorder): Rules {
  const copy = (x: Storage, y: Storage, box: Box): void => {
    const uniform = [
      sizeOf(box.extents),
      ...box.extents.slice(1),
      box.x.start,
      ...box.x.strides,
      box.y.start,
      ...box.y.strides,
    ]
    record.dispatch({ kernel: 'copy', reads: [x], uniform, invocations: sizeOf(box.extents) }, [x, y])
  }
  return {
    shape: (x) => x.shape,
    reshape(x, shape) {
      if (sizeOf(shape) !== sizeOf(x.shape)) {
        throw new ShapeError('reshape', 'x', `as many elements as ${formatShape(shape)} has`, x.shape)
      }
      return { shape, values: x.values }
    },

    swapAxes({ shape, values }, axis, other) {
      const axes = [axisOf('swapAxes', shape, axis), axisOf('swapAxes', shape, other)]
      const [i, j] = [Math.min(...axes), Math.max(...axes)]
      if (i === j) return { shape, values }
      const [a, b] = [shape[i], shape[j]]
      const [outer, middle, inner] = [shape.slice(0, i), shape.slice(i + 1, j), shape.slice(j + 1)].map(
        sizeOf,
      )
      const out = record.allocate(sizeOf(shape))
      copy(values, out, {
        extents: [outer, b, middle, a, inner],
        x: { start: 0, strides: [a * middle * b * inner, inner, b * inner, middle * b * inner, 1] },
        y: { start: 0, strides: [b * middle * a * inner, middle * a * inner, a * inner, inner, 1] },
      })
      return { shape: shape.with(i, b).with(j, a), values: out }
    },

    concat(xs, axis) {
      const [first] = xs
      const at = axisOf('concat', first.shape, axis)
      const rest = (shape: Shape): string => formatShape(shape.toSpliced(at, 1))
      for (const x of xs) {
        if (x.shape.length !== first.shape.length || rest(x.shape) !== rest(first.shape)) {
          throw new ShapeError('concat', 'operand', `${formatShape(first.shape)} but for axis ${at}`, x.shape)
        }
      }
      const shape = first.shape.with(
        at,
        xs.reduce((sum, x) => sum + x.shape[at], 0),
      )
      const out = record.allocate(sizeOf(shape))
      const [outer, inner] = [sizeOf(shape.slice(0, at)), sizeOf(shape.slice(at + 1))]
      let start = 0
      for (const x of xs) {
        const run = x.shape[at] * inner
        copy(x.values, out, {
          extents: [1, 1, 1, outer, run],
          x: { start: 0, strides: [0, 0, 0, run, 1] },
          y: { start, strides: [0, 0, 0, shape[at] * inner, 1] },
        })
        start += run
      }
      return { shape, values: out }
    },

    slice(x, axis, start, end) {
      const at = axisOf('slice', x.shape, axis)
      const extent = x.shape[at]
      if (!(start >= 0 && start <= end && end <= extent)) {
        throw new ShapeError('slice', 'x', `an axis ${at} that holds ${start} to ${end}`, x.shape)
      }
      const shape = x.shape.with(at, end - start)
      const [outer, inner] = [sizeOf(shape.slice(0, at)), sizeOf(shape.slice(at + 1))]
      const run = (end - start) * inner
      const out = record.allocate(sizeOf(shape))
      copy(x.values, out, {
        extents: [1, 1, 1, outer, run],
        x: { start: start * inner, strides: [0, 0, 0, extent * inner, 1] },
        y: { start: 0, strides: [0, 0, 0, run, 1] },
      })
      return { shape, values: out }
    },

    windows(x, { rows, columns, height, width }) {
      const [H, W, C] = mapOf('windows', x.shape)
      const outside = (extent: number, length: number) => (start: number) =>
        start < 0 || start + length > extent
      if (rows.some(outside(H, height)) || columns.some(outside(W, width))) {
        const where = `rows ${rows.join(', ')}, columns ${columns.join(', ')}`
        throw new ShapeError(
          'windows',
          'x',
          `a map that holds windows of ${height} × ${width} at ${where}`,
          x.shape,
        )
      }
      const shape = [...x.shape.slice(0, -3), rows.length * columns.length, height, width, C]
      const count = sizeOf(shape)
      const starts = record.upload(Uint32Array.from([...rows, ...columns]))
      const values = record.fill(count, {
        kernel: 'windows',
        reads: [x.values, starts],
        uniform: [count, H, W, C, rows.length, columns.length, height, width],
        invocations: count,
      })
      return { shape, values }
    },
  }
}
