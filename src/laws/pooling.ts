import { random } from '../random.ts'
import { permutation } from './draw.ts'
import type { Law } from './law.ts'
import { windowsDownColumns } from './map-windows.ts'
import { agree, between, identical, measuredLike } from './measured.ts'
import { mapRows, powers } from './mutants.ts'
import { ask, changed, tensorOf, withEach } from './questions.ts'
import { constant, mapped, range, reshaped, take } from './rearrange.ts'

/** Laws of the pooling by windows, STViT Eq. (5), and of the mask of Eq. (4) inside it. */
export const poolingLaws: readonly Law[] = [
  {
    id: 'pooled-tokens-lie-in-the-hull-of-their-window',
    statement:
      'Every channel of P_hat and P lies between the smallest and the largest value it has in its window.',
    source: 'STViT Eq. (5): a pooled token is an average of its window’s tokens, weighed by a softmax',
    equations: ['stvit/eq5'],
    holds(lab, trial) {
      const answer = lab.answer(lab.sample('stvit/eq5', trial))
      const windows = answer.tensor('windows')
      const [Kh, Kw, C] = windows.shape.slice(-3)
      const tokens = Kh * Kw
      const channelOf = (index: number): number[] => {
        const first = Math.floor(index / C) * tokens * C + (index % C)
        return range(tokens).map((token) => windows.data[first + token * C])
      }
      for (const name of ['P_hat', 'P']) {
        const low = (i: number) => Math.min(...channelOf(i))
        const high = (i: number) => Math.max(...channelOf(i))
        between(name, answer.dense(name), low, high)
      }
    },
    mutant: {
      name: 'the sum of the softmax keeps only its last term',
      plant: () => ({
        softmax: (x) =>
          mapRows(x, (row) => {
            const p = powers(row)
            return p.map((power) => power / p[p.length - 1])
          }),
      }),
    },
  },
  {
    id: 'without-inter-window-mask-p-is-p-hat',
    statement: 'Where the inter-window convolution is 0, O is 0 and P is P_hat, bit for bit.',
    source: 'STViT Eq. (5): P_i = Softmax(M_i + O_i)·X_i',
    equations: ['stvit/eq5'],
    holds(lab, trial) {
      const drawn = lab.sample('stvit/eq5', trial, { has: (name) => name !== 'param.inter.conv.bias' })
      const question = withEach(drawn, ['param.inter.conv.weight'], (x) => mapped(x, () => 0))
      const answer = lab.answer(question)
      const [O, P] = [answer.tensor('O'), answer.tensor('P')]
      identical('O', O, constant(O.shape, 0))
      identical('P and P_hat', P, reshaped(answer.tensor('P_hat'), P.shape))
    },
    mutant: {
      name: 'M left out of the second softmax',
      plant: () => ({ add: (_, y) => y }),
    },
  },
  {
    id: 'an-even-inter-window-mask-changes-nothing',
    statement:
      'Adding one number to all of O, through the bias of the inter-window convolution, leaves P as it is.',
    source: 'algebra: softmax depends only on differences of M + O',
    equations: ['stvit/eq5'],
    holds(lab, trial) {
      const drawn = lab.sample('stvit/eq5', trial, { has: (name) => name !== 'param.inter.conv.bias' })
      const places = drawn.sizes['Kh'] * drawn.sizes['Kw']
      const lifted = changed(drawn, { 'param.inter.conv.bias': constant([places], 64) })
      agree('P with O + 64', lab.answer(lifted).dense('P'), lab.answer(drawn).dense('P'))
    },
    mutant: {
      name: 'logits clipped to ±50 against overflow',
      plant: (rules) => ({
        softmax: (x) => rules.softmax(mapRows(x, (row) => row.map((z) => Math.max(-50, Math.min(50, z))))),
      }),
    },
  },
  {
    id: 'mask-of-a-window-is-eq4-on-it-alone',
    statement: 'Where ws divides the map, M of Eq. (5) is Eq. (4) on each window by itself, bit for bit.',
    source: 'contract, STViT 5: M_i = f_intra(window i), padded with zeros inside the window',
    equations: ['stvit/eq4', 'stvit/eq5'],
    holds(lab, trial) {
      const source = random(trial.seed).fork('windows')
      const ws = source.integer(2, 3)
      const [Kh, Kw] = [source.integer(1, 3), source.integer(1, 3)]
      const map = lab.sample('stvit/eq5', trial, {
        config: { ws },
        sizes: { H: ws * Kh, W: ws * Kw, kd_intra: 3 },
      })
      const [i, j] = [source.integer(0, ws - 1), source.integer(0, ws - 1)]
      const band = take(
        tensorOf(map, 'input.X'),
        -3,
        range(Kh).map((row) => i * Kh + row),
      )
      const X_w = take(
        band,
        -2,
        range(Kw).map((column) => j * Kw + column),
      )
      const intra = [...map.tensors].flatMap(([name, value]) =>
        name.startsWith('param.intra.') ? [[name.replace('intra.', ''), value] as const] : [],
      )
      const inside = { ...Object.fromEntries(intra), 'input.X_w': { kind: 'dense', tensor: X_w } as const }
      const M = take(lab.answer(map).tensor('M'), -3, [i * ws + j])
      const alone = lab.answer(ask('stvit/eq4', inside, {})).tensor('M')
      identical(`M of window ${i}, ${j}`, reshaped(M, alone.shape), alone)
    },
    mutant: {
      name: 'windows stacked and convolved as one tall map',
      plant: (rules) => ({
        convolve(x, weight, bias, groups) {
          const [H, W, C] = x.shape.slice(-3)
          const tall = rules.reshape(x, [(x.size / (H * W * C)) * H, W, C])
          const y = rules.convolve(tall, weight, bias, groups)
          return rules.reshape(y, [...x.shape.slice(0, -1), weight.shape[0]])
        },
      }),
    },
  },
  {
    id: 'permuting-bands-of-windows-permutes-their-rows',
    statement:
      'Where ws divides H, permuting the bands of windows of a map permutes the rows of P_hat, bit for bit.',
    source: 'contract, STViT 5: windows in row-major order; P_hat_i depends on window i alone',
    equations: ['stvit/eq5'],
    holds(lab, trial) {
      const source = random(trial.seed).fork('bands')
      const ws = source.integer(2, 4)
      const Kh = source.integer(1, 3)
      const question = lab.sample('stvit/eq5', trial, { config: { ws }, sizes: { H: ws * Kh } })
      const bands = permutation(source, ws)
      const rows = bands.flatMap((band) => range(Kh).map((row) => band * Kh + row))
      const permuted = withEach(question, ['input.X'], (X) => take(X, -3, rows))
      const expected = take(lab.answer(question).tensor('P_hat'), -3, bands)
      identical('P_hat of permuted bands', lab.answer(permuted).tensor('P_hat'), expected)
    },
    mutant: windowsDownColumns,
  },
  {
    id: 'as-many-windows-as-places-changes-nothing',
    statement: 'A ws × ws map in ws × ws windows pools to itself: P_hat and P are X, bit for bit.',
    source: 'contract, STViT 5: windows of one place, of which the softmax is 1',
    equations: ['stvit/eq5'],
    holds(lab, trial) {
      const ws = random(trial.seed).fork('places').integer(2, 4)
      const question = lab.sample('stvit/eq5', trial, { config: { ws }, sizes: { H: ws, W: ws } })
      const answer = lab.answer(question)
      const X = tensorOf(question, 'input.X')
      for (const name of ['P_hat', 'P']) identical(name, reshaped(answer.tensor(name), X.shape), X)
    },
    mutant: {
      name: 'softmax over all windows at once, not within each',
      plant: (rules) => ({
        softmax: (x) => rules.reshape(rules.softmax(rules.reshape(x, [1, x.size])), x.shape),
      }),
    },
  },
  {
    id: 'a-mirrored-map-pools-to-mirrored-tokens',
    statement: 'Where ws divides W, mirroring map and intra-window kernels left to right mirrors P_hat.',
    source: 'contract, STViT 4: the padding is (kd − 1)/2 on either side; algebra',
    equations: ['stvit/eq5'],
    holds(lab, trial) {
      const source = random(trial.seed).fork('mirror')
      const ws = source.integer(1, 3)
      const sizes = { W: ws * source.integer(1, 3), kd_intra: 3 }
      const question = lab.sample('stvit/eq5', trial, { config: { ws }, sizes })
      const mirror = (axis: number) => (x: Parameters<typeof take>[0]) =>
        take(x, axis, range(x.shape.at(axis) ?? 1).toReversed())
      const kernels = withEach(question, ['param.intra.dw.weight', 'param.intra.conv.weight'], mirror(3))
      const mirrored = lab.answer(withEach(kernels, ['input.X'], mirror(-2)))
      const expected = measuredLike(lab.answer(question).dense('P_hat'), mirror(-2))
      agree('P_hat of a mirrored map', mirrored.dense('P_hat'), expected)
    },
    mutant: {
      name: 'the map padded on its right alone',
      plant: (rules) => ({
        convolve(x, weight, bias, groups) {
          const shift = (weight.shape[3] - 1) / 2
          const [H, W] = x.shape.slice(-3)
          // the kernel looks ahead: its taps start at the place itself
          const ahead = rules.windows(rules.concat([x, mapRows(x, (row) => row.map(() => 0))], -2), {
            rows: [0],
            columns: [Math.min(shift, W)],
            height: H,
            width: W,
          })
          return rules.convolve(rules.reshape(ahead, x.shape), weight, bias, groups)
        },
      }),
    },
  },
]
