import { random } from '../random.ts'
import { permutation } from './draw.ts'
import type { Law } from './law.ts'
import { agree, identical, measuredLike } from './measured.ts'
import { tensorOf, withEach } from './questions.ts'
import { mapped, range, take } from './rearrange.ts'

/** Laws of the convolutions in the mask of STViT Eq. (4). */
export const kernelLaws: readonly Law[] = [
  {
    id: 'a-centred-kernel-is-the-identity',
    statement:
      'A depthwise kernel that is 1 at its centre and 0 elsewhere, without bias, leaves X_w as it is.',
    source: 'contract, STViT 4: zero padding (kd − 1)/2 on each side',
    equations: ['stvit/eq4'],
    holds(lab, trial) {
      const source = random(trial.seed).fork('kernel')
      const sizes = { kd: source.pick([3, 5]), kw: source.integer(2, 6) }
      const drawn = lab.sample('stvit/eq4', trial, { sizes, has: () => false })
      const taps = sizes.kd * sizes.kd
      const centre = (taps - 1) / 2
      const question = withEach(drawn, ['param.dw.weight'], (w) =>
        mapped(w, (_, i) => (i % taps === centre ? 1 : 0)),
      )
      identical('dw and X_w', lab.answer(question).tensor('dw'), tensorOf(question, 'input.X_w'))
    },
    mutant: {
      name: 'padding off by one: the kernel lies one column too far left',
      plant: (rules) => ({
        convolve(x, weight, bias, groups) {
          const taps = range(weight.shape[3])
          return rules.convolve(x, take(weight, 3, [...taps.slice(1), 0]), bias, groups)
        },
      }),
    },
  },
  {
    id: 'a-kernel-of-one-tap-shifts-the-map',
    statement:
      'A 3 × 3 depthwise kernel with a single 1 at (y, x) makes dw[r, c] = X_w[r + y − 1, c + x − 1], 0 beyond the border.',
    source: 'contract, STViT 4: cross-correlation, zero padding inside the window',
    equations: ['stvit/eq4'],
    holds(lab, trial) {
      const source = random(trial.seed).fork('tap')
      const [y, x] = [source.integer(0, 2), source.integer(0, 2)]
      const drawn = lab.sample('stvit/eq4', trial, { lead: [], sizes: { kd: 3 }, has: () => false })
      const question = withEach(drawn, ['param.dw.weight'], (w) =>
        mapped(w, (_, i) => (i % 9 === 3 * y + x ? 1 : 0)),
      )
      const X_w = tensorOf(question, 'input.X_w')
      const [H, W, C] = X_w.shape
      const shifted = mapped(X_w, (_, i) => {
        const column = (Math.floor(i / C) % W) + x - 1
        const row = Math.floor(i / (C * W)) + y - 1
        const inside = row >= 0 && row < H && column >= 0 && column < W
        return inside ? X_w.data[(row * W + column) * C + (i % C)] : 0
      })
      identical(`dw of the tap ${y}, ${x}`, lab.answer(question).tensor('dw'), shifted)
    },
    mutant: {
      name: 'kernels turned round, as in a convolution proper',
      plant: (rules) => ({
        convolve(x, weight, bias, groups) {
          const taps = range(weight.shape[3]).toReversed()
          return rules.convolve(x, take(take(weight, 3, taps), 2, taps), bias, groups)
        },
      }),
    },
  },
  {
    id: 'mirroring-map-and-kernels-mirrors-the-mask',
    statement: 'Mirroring X_w and all kernels left to right mirrors M.',
    source: 'contract, STViT 4: the padding is the same on either side',
    equations: ['stvit/eq4'],
    holds(lab, trial) {
      const question = lab.sample('stvit/eq4', trial, { sizes: { kd: 3 } })
      const mirror = (axis: number) => (x: Parameters<typeof take>[0]) =>
        take(x, axis, range(x.shape.at(axis) ?? 1).toReversed())
      const kernels = withEach(question, ['param.dw.weight', 'param.conv.weight'], mirror(3))
      const mirrored = lab.answer(withEach(kernels, ['input.X_w'], mirror(-2)))
      const expected = measuredLike(lab.answer(question).dense('M'), mirror(-1))
      agree('M of a mirrored window', mirrored.dense('M'), expected)
    },
    mutant: {
      name: 'rows and columns of the kernels exchanged',
      plant: (rules) => ({
        convolve: (x, weight, bias, groups) => rules.convolve(x, rules.swapAxes(weight, 2, 3), bias, groups),
      }),
    },
  },
  {
    id: 'channels-permute-with-their-weights',
    statement:
      'Permuting the channels of X_w together with their kernels, norm and convolution weights leaves M as it is.',
    source: 'contract, STViT 4: depthwise means each channel has its own kernel',
    equations: ['stvit/eq4'],
    holds(lab, trial) {
      const question = lab.sample('stvit/eq4', trial)
      const order = permutation(random(trial.seed).fork('channels'), question.sizes['C'])
      const first = ['param.dw.weight', 'param.dw.bias', 'param.norm.weight', 'param.norm.bias']
      const moved = withEach(question, first, (w) => take(w, 0, order))
      const conv = withEach(moved, ['param.conv.weight'], (w) => take(w, 1, order))
      const permuted = withEach(conv, ['input.X_w'], (X) => take(X, -1, order))
      agree('M of permuted channels', lab.answer(permuted).dense('M'), lab.answer(question).dense('M'))
    },
    mutant: {
      name: 'depthwise kernels taken one channel off',
      plant: (rules) => ({
        convolve(x, weight, bias, groups) {
          const channels = range(weight.shape[0])
          const off = groups === 1 ? weight : take(weight, 0, [...channels.slice(1), 0])
          return rules.convolve(x, off, bias, groups)
        },
      }),
    },
  },
  {
    id: 'the-last-convolution-is-affine',
    statement: 'Doubling the weights and the bias of the last convolution doubles M exactly.',
    source: 'STViT Eq. (4): nothing follows the last convolution; scaling by 2 rounds nothing',
    equations: ['stvit/eq4'],
    holds(lab, trial) {
      const question = lab.sample('stvit/eq4', trial)
      const last = ['param.conv.weight', 'param.conv.bias']
      const doubled = withEach(question, last, (w) => mapped(w, (value) => 2 * value))
      const M = lab.answer(question).tensor('M')
      identical(
        'M of doubled weights',
        lab.answer(doubled).tensor('M'),
        mapped(M, (value) => 2 * value),
      )
    },
    mutant: {
      name: 'GELU after the last convolution too',
      plant: (rules) => ({
        convolve: (x, weight, bias, groups) => rules.gelu(rules.convolve(x, weight, bias, groups)),
      }),
    },
  },
]
