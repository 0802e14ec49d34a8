import { tensor, type Tensor } from '../../../../reference/tensor.ts'
import { altered, callsOf, places, type Direction, type Suspects } from '../direction.ts'
import { map, shapeOf } from '../elements.ts'
import type { Call } from '../tape.ts'
import type { Rules } from '../traced.ts'
import { nameOfLayer } from './products.ts'

/** Of convolutions: what stands around the map, and how the kernel lies. */
export const convolutions: Suspects = (tape) =>
  places(
    callsOf(tape, 'convolve').filter(({ operands }) => kernelOf(operands).some((extent) => extent > 1)),
    (call) => nameOfLayer(tape, call),
  ).flatMap(({ id: place, says: where, calls }): Direction[] => {
    const direction = (id: string, says: string, rules: (usual: Rules) => Partial<Rules>): Direction => ({
      id: `convolution/${id}${place}`,
      says: `${says}${where}`,
      run: altered(tape, calls, rules),
    })
    const padded = (at: (i: number, extent: number) => number) => (usual: Rules) => ({
      convolve: (x: Tensor, w: Tensor, bias: Tensor | undefined, groups: number): Tensor => {
        const [top, left] = [(w.shape[2] - 1) / 2, (w.shape[3] - 1) / 2]
        const [H, W] = x.shape.slice(-3)
        const wide = usual.convolve(surrounded(x, top, left, at), w, bias, groups)
        return usual.slice(usual.slice(wide, -3, top, top + H), -2, left, left + W)
      },
    })
    const square = direction('transposed', 'kernel rows and columns exchanged', (usual) => ({
      convolve: (x, w, bias, groups) => usual.convolve(x, usual.swapAxes(w, -1, -2), bias, groups),
    }))
    const moved = (by: number) => (usual: Rules) => ({
      convolve: (x: Tensor, w: Tensor, bias: Tensor | undefined, groups: number): Tensor => {
        const [top, left] = [(w.shape[2] - 1) / 2, (w.shape[3] - 1) / 2]
        const [H, W] = x.shape.slice(-3)
        const none = (i: number, extent: number): number => (i < 0 || i >= extent ? -1 : i)
        const wide = usual.convolve(surrounded(x, 2 * top, 2 * left, none), w, bias, groups)
        return usual.slice(
          usual.slice(wide, -3, 2 * top + by * top, 2 * top + by * top + H),
          -2,
          2 * left + by * left,
          2 * left + by * left + W,
        )
      },
    })
    const clamp = (i: number, extent: number): number => Math.max(0, Math.min(extent - 1, i))
    return [
      {
        ...direction('padded-before', 'padding before the map alone, none after it', moved(-1)),
        gross: true,
      },
      { ...direction('padded-after', 'padding after the map alone, none before it', moved(1)), gross: true },
      direction('edge', 'padding with the edge, not zeros', padded(clamp)),
      direction(
        'reflect',
        'reflecting padding, not zeros',
        padded((i, extent) => clamp(i < 0 ? -i : i >= extent ? 2 * extent - 2 - i : i, extent)),
      ),
      direction(
        'circular',
        'circular padding, not zeros',
        padded((i, extent) => ((i % extent) + extent) % extent),
      ),
      direction('flipped', 'a flipped kernel (convolution, not cross-correlation)', (usual) => ({
        convolve: (x, w, bias, groups) =>
          usual.convolve(
            x,
            taps(w, (r, s, kh, kw) => [kh - 1 - r, kw - 1 - s]),
            bias,
            groups,
          ),
      })),
    ].concat(calls.every(({ operands }) => isSquare(kernelOf(operands))) ? [square] : [])
  })

/** kh and kw of a convolution. */
function kernelOf([, weight]: Call['operands']): readonly number[] {
  return shapeOf(weight).slice(-2)
}

function isSquare([kh, kw]: readonly number[]): boolean {
  return kh === kw
}

/** A map with `top` more rows and `left` more columns on either side, whose places lie at `at` of the map, and are 0 where that is −1. */
function surrounded(x: Tensor, top: number, left: number, at: (i: number, extent: number) => number): Tensor {
  const [H, W, C] = x.shape.slice(-3)
  const lead = x.shape.slice(0, -3)
  const [tall, wide] = [H + 2 * top, W + 2 * left]
  const batches = x.size / (H * W * C)
  const out = new Float64Array(batches * tall * wide * C)
  for (let place = 0; place < batches * tall * wide; place++) {
    const [column, row, batch] = [
      place % wide,
      Math.floor(place / wide) % tall,
      Math.floor(place / wide / tall),
    ]
    const [down, right] = [at(row - top, H), at(column - left, W)]
    if (down < 0 || right < 0) continue
    const from = (batch * H + down) * W + right
    for (let c = 0; c < C; c++) out[place * C + c] = x.data[from * C + c]
  }
  return tensor(out, [...lead, tall, wide, C])
}

/** A kernel `[.., kh, kw]` with each tap taken from elsewhere. */
function taps(
  w: Tensor,
  from: (row: number, column: number, kh: number, kw: number) => readonly [number, number],
): Tensor {
  const [kh, kw] = w.shape.slice(-2)
  return map(w, (_, i) => {
    const [column, row] = [i % kw, Math.floor(i / kw) % kh]
    const [r, s] = from(row, column, kh, kw)
    return w.data[i - row * kw - column + r * kw + s]
  })
}
