import type { Windows } from '../../../reference/arithmetic.ts'
import type { Tensor } from '../../../reference/tensor.ts'
import { generate } from '../tensors.ts'
import { relu } from './bugs.ts'
import { ONE, POOLING } from './groups.ts'
import { changed, nth, operands, rule, text, without, type Mutant, type Rules } from './mutant.ts'

const isKernel = (name: string): boolean => /(dw|conv)\.weight$/.test(name)

/** A kernel `[o, c, kh, kw]` with its taps elsewhere. */
function taps(from: (row: number, column: number, n: number) => readonly [number, number]) {
  return (x: Tensor): Tensor => {
    const [kh, kw] = x.shape.slice(-2)
    return generate(x, x.shape, (i) => {
      const [row, column] = from(Math.floor(i / kw) % kh, i % kw, kh)
      return x.data[i - (i % (kh * kw)) + row * kw + column]
    })
  }
}

/** A convolution whose padding repeats the edge, or turns round: the map is enlarged, convolved, and cut. */
function padded(
  convolve: Rules['convolve'],
  place: (i: number, extent: number) => number,
): Rules['convolve'] {
  return (x, weight, bias, groups) => {
    const [H, W, C] = x.shape.slice(-3)
    const [py, px] = weight.shape.slice(-2).map((k) => (k - 1) / 2)
    const [height, width] = [H + 2 * py, W + 2 * px]
    const larger = generate(x, [...x.shape.slice(0, -3), height, width, C], (i) => {
      const [c, column, row] = [i % C, Math.floor(i / C) % width, Math.floor(i / C / width) % height]
      const map = Math.floor(i / C / width / height)
      return x.data[((map * H + place(row - py, H)) * W + place(column - px, W)) * C + c]
    })
    const all = convolve(larger, weight, bias, groups)
    const o = weight.shape[0]
    return generate(x, [...x.shape.slice(0, -1), o], (i) => {
      const [c, column, row] = [i % o, Math.floor(i / o) % W, Math.floor(i / o / W) % H]
      const map = Math.floor(i / o / W / H)
      return all.data[((map * height + row + py) * width + column + px) * o + c]
    })
  }
}

const clamp = (i: number, extent: number): number => Math.max(0, Math.min(extent - 1, i))

/** Windows laid out otherwise. */
const laid =
  (bug: (layout: Windows, H: number, W: number) => Windows) =>
  ({ windows }: Rules): Partial<Rules> => ({
    windows(x, layout) {
      const [H, W] = x.shape.slice(-3)
      return windows(x, bug(layout, H, W))
    },
  })

/** Bugs of the pooling masks and of pooling by windows, Eqs. (4) and (5) of STViT. */
export const poolingMutants: readonly Mutant[] = [
  operands(
    'kernel-flipped',
    'gross',
    POOLING,
    'kernels are flipped: a convolution, not a cross-correlation.',
    (tensors) =>
      changed(
        tensors,
        isKernel,
        taps((row, column, n) => [n - 1 - row, n - 1 - column]),
      ),
  ),
  operands('kernel-transposed', 'gross', POOLING, 'kernels are read [kw, kh].', (tensors) =>
    changed(
      tensors,
      isKernel,
      taps((row, column) => [column, row]),
    ),
  ),
  rule(
    'padding-edge',
    'medium',
    POOLING,
    'padding repeats the edge where it should be zero.',
    ({ convolve }) => ({
      convolve: padded(convolve, clamp),
    }),
  ),
  rule(
    'padding-reflect',
    'medium',
    POOLING,
    'padding reflects the map where it should be zero.',
    ({ convolve }) => ({
      convolve: padded(convolve, (i, extent) =>
        clamp(i < 0 ? -i : i >= extent ? 2 * extent - 2 - i : i, extent),
      ),
    }),
  ),
  rule('padding-wraps', 'gross', POOLING, 'padding wraps round the map.', ({ convolve }) => ({
    convolve: padded(convolve, (i, extent) => ((i % extent) + extent) % extent),
  })),
  rule('places-off-by-one', 'gross', POOLING, 'the map is read one place to the right.', ({ convolve }) => ({
    convolve: nth(convolve, 0, (x, weight, bias, groups) =>
      convolve(
        generate(x, x.shape, (i) => x.data[(i + (x.shape.at(-1) ?? 1)) % x.size]),
        weight,
        bias,
        groups,
      ),
    ),
  })),
  ...(['dw', 'conv'] as const).map((name) =>
    operands(
      `no-${name}-bias`,
      'gross',
      POOLING,
      `the bias of the ${name} convolution is left out.`,
      (tensors) => {
        for (const prefix of ['', 'intra.', 'inter.']) without(`${prefix}${name}.bias`)(tensors)
      },
    ),
  ),
  operands(
    'channels-reversed',
    'gross',
    POOLING,
    'depthwise kernels belong to the channels in reverse.',
    (tensors) =>
      changed(
        tensors,
        (name) => name.endsWith('dw.weight'),
        (x) => {
          const size = x.size / x.shape[0]
          return generate(
            x,
            x.shape,
            (i) => x.data[(x.shape[0] - 1 - Math.floor(i / size)) * size + (i % size)],
          )
        },
      ),
  ),
  rule('gelu-before-norm', 'gross', POOLING, 'GELU comes before LayerNorm.', ({ gelu, layerNorm }) => ({
    layerNorm: (x, weight, bias, eps) => layerNorm(gelu(x), weight, bias, eps),
    gelu: (x) => x,
  })),
  rule('mask-of-relu', 'gross', POOLING, 'ReLU in place of GELU.', () => ({ gelu: relu })),
  rule('no-mask-activation', 'gross', POOLING, 'no GELU.', () => ({ gelu: (x) => x })),
  rule('no-mask-norm', 'gross', POOLING, 'no LayerNorm.', () => ({ layerNorm: (x) => x })),

  rule(
    'window-starts-rounded-up',
    'gross',
    ONE.inter,
    'windows start at ⌈i·H/ws⌉ where they should at ⌊i·H/ws⌋.',
    (rules) =>
      laid((layout, H, W) => ({
        ...layout,
        rows: layout.rows.map((_, i) => Math.min(H - layout.height, Math.ceil((i * H) / layout.rows.length))),
        columns: layout.columns.map((_, i) =>
          Math.min(W - layout.width, Math.ceil((i * W) / layout.columns.length)),
        ),
      }))(rules),
  ),
  rule(
    'windows-without-overlap',
    'gross',
    ONE.inter,
    'windows start at i·Kh, clamped into the map.',
    (rules) =>
      laid((layout, H, W) => ({
        ...layout,
        rows: layout.rows.map((_, i) => Math.min(H - layout.height, i * layout.height)),
        columns: layout.columns.map((_, i) => Math.min(W - layout.width, i * layout.width)),
      }))(rules),
  ),
  rule(
    'windows-column-major',
    'gross',
    ONE.inter,
    'windows are numbered down the columns.',
    ({ windows }, { config }) => ({
      windows(x, layout) {
        const found = windows(x, layout)
        const ws = Number(config['ws'])
        const [height, width, C] = found.shape.slice(-3)
        const size = height * width * C
        return generate(x, found.shape, (i) => {
          const window = Math.floor(i / size) % (ws * ws)
          const other = (window % ws) * ws + Math.floor(window / ws)
          return found.data[i + (other - window) * size]
        })
      },
    }),
  ),
  text(
    'O-transposed',
    'gross',
    ONE.inter,
    'the channels of O are read column-major: Kw × Kh.',
    (a, { sizes }) => ({
      expose(name, x) {
        if (name !== 'O') return a.expose(name, x)
        const lead = a.shape(x).slice(0, -2)
        const read = a.reshape(x, [...lead, sizes['Kw'], sizes['Kh']])
        return a.expose(name, a.swapAxes(read, -1, -2))
      },
    }),
  ),
  rule('O-not-added', 'gross', ONE.inter, 'P is pooled by M alone.', ({ add }) => ({
    add: nth(add, 0, (x) => x),
  })),
  rule('M-not-added', 'gross', ONE.inter, 'P is pooled by O alone.', ({ add }) => ({
    add: nth(add, 0, (_, y) => y),
  })),
  rule('O-weighs-half', 'medium', ONE.inter, 'O is added with a weight of one half.', ({ add, scale }) => ({
    add: nth(add, 0, (x, y) => add(x, scale(y, 0.5))),
  })),
  rule('P_hat-by-average', 'gross', ONE.inter, 'P̂ is the mean of each window.', ({ softmax, scale }) => ({
    softmax: nth(softmax, 0, (x) => softmax(scale(x, 0))),
  })),
  rule(
    'softmax-of-all-windows',
    'gross',
    ONE.inter,
    'the last softmax runs over all windows together.',
    ({ softmax, reshape }, { lead }) => ({
      softmax: nth(softmax, 1, (x) =>
        reshape(softmax(reshape(x, [...lead, x.size / lead.reduce((n, e) => n * e, 1)])), x.shape),
      ),
    }),
  ),
  operands(
    'intra-function-twice',
    'medium',
    ONE.inter,
    'the depthwise kernels of f_intra are used in f_inter too.',
    (tensors) => {
      const intra = tensors.get('param.intra.dw.weight')
      const inter = tensors.get('param.inter.dw.weight')
      if (intra?.kind !== 'dense' || inter?.kind !== 'dense') return
      if (intra.tensor.size === inter.tensor.size) tensors.set('param.inter.dw.weight', intra)
    },
  ),
]
