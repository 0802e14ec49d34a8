import type { Tensor } from '../../reference/tensor.ts'
import type { Value } from '../../reference/evaluator.ts'
import type { Question } from '../cases/question.ts'
import { random } from '../random.ts'
import type { Lab } from './lab.ts'
import type { Law } from './law.ts'
import { cut, tokensOf, windowsDownColumns, windowsTransposed } from './map-windows.ts'
import { identical } from './measured.ts'
import { mapRows, powers, total } from './mutants.ts'
import { ask, tensorOf, valuesOf, withEach } from './questions.ts'
import { mapped, range, reshaped, take } from './rearrange.ts'

const [LOCAL, STGM] = ['stvit/local-cross-attention', 'stvit/stgm']
const [RECOVERY, DUMBBELL] = ['stvit/window-recovery', 'stvit/dumbbell']

/** The params under `prefix`, which goes; a prefix ends in a dot or is empty. */
function paramsOf({ tensors }: Question, prefix: string): Record<string, Value> {
  const start = `param.${prefix}`
  return Object.fromEntries(
    [...tensors].flatMap(([name, value]) =>
      name.startsWith(start) ? [[`param.${name.slice(start.length)}`, value]] : [],
    ),
  )
}

/** The config of `question` without `keys`. */
function configWithout({ asked }: Question, ...keys: readonly string[]): Question['asked'] {
  return Object.fromEntries(Object.entries(asked).filter(([key]) => !keys.includes(key)))
}

/** The centres that a module pools, by the unit that pools them alone. */
function centresOf(lab: Lab, question: Question, prefix: string): Tensor {
  const { ws, pooling } = question.config
  const X = valuesOf({ 'input.X': tensorOf(question, 'input.X') })
  const alone =
    pooling === 'eq5'
      ? ask('stvit/eq5', { ...X, ...paramsOf(question, `${prefix}pooling.`) }, { ws })
      : ask(`stvit/adaptive-${pooling}-pooling`, X, { out: ws })
  return lab.answer(alone).tensor('P')
}

/** The question with every LayerScale there, and 0. */
function withoutLayers(lab: Lab, id: string, trial: Parameters<Law['holds']>[1]): Question {
  const drawn = lab.sample(id, trial, { has: () => true })
  const scales = [...drawn.tensors.keys()].filter((name) => name.includes('layer_scale'))
  return withEach(drawn, scales, (x) => mapped(x, () => 0))
}

/** LayerScale multiplies nothing: a planted bug. */
const layerScaleIgnored: Law['mutant'] = {
  name: 'LayerScale left out everywhere',
  plant: () => ({ multiply: (x) => x }),
}

/** The sum of the last softmax is in the next: a planted bug. */
const carriedSum: Law['mutant'] = {
  name: 'the sum of the softmax is not cleared between calls',
  plant() {
    let carried = 0
    return {
      softmax: (x) =>
        mapRows(x, (row) => {
          const p = powers(row)
          carried = carried / 2 + total(p)
          return p.map((power) => power / carried)
        }),
    }
  },
}

/** Laws of the units that surround the equations of STViT: local attention, generation, recovery, the dumbbell. */
export const surroundingUnitLaws: readonly Law[] = [
  {
    id: 'local-attention-is-eq1-in-each-window',
    statement:
      'Window by window, local cross-attention is Eq. (1) on the window’s own centres and key window, bit for bit.',
    source: 'contract, around the equations: key windows start at i·w − ⌊(wk − w)/2⌋, clamped or cut off',
    equations: [LOCAL, 'stvit/eq1'],
    holds(lab, trial) {
      const question = lab.sample(LOCAL, trial, { lead: [] })
      const { H, W, w, wk, nH, nW, s, C } = question.sizes
      const S = lab.answer(question).tensor('S')
      const source = random(trial.seed).fork('window')
      const [i, j] = [source.integer(0, nH - 1), source.integer(0, nW - 1)]
      const keyPlaces = (window: number, extent: number): number[] => {
        const start = window * w - Math.floor((wk - w) / 2)
        if (question.config['key_windows'] === 'centred') {
          return range(extent).filter((place) => place >= start && place < start + wk)
        }
        const first = start < 0 ? 0 : start + wk > extent ? extent - wk : start
        return range(wk).map((place) => first + place)
      }
      const X = take(take(tensorOf(question, 'input.X'), -3, keyPlaces(i, H)), -2, keyPlaces(j, W))
      const P = reshaped(take(tensorOf(question, 'input.P'), -3, [i * nW + j]), [s, C])
      const inputs = valuesOf({ 'input.P': P, 'input.X': tokensOf(X) })
      const config = configWithout(question, 'w', 'wk', 'key_windows')
      const alone = lab.answer(ask('stvit/eq1', { ...inputs, ...paramsOf(question, '') }, config))
      const own = reshaped(take(S, -3, [i * nW + j]), [s, C])
      identical(`S of window ${i}, ${j}`, own, alone.tensor('S'))
    },
    mutant: {
      name: 'every window scored against the keys of the first',
      plant: (rules) => ({
        matmulTransposed: (x, y) =>
          rules.matmulTransposed(
            x,
            y.shape.length < 4 ? y : take(y, 0, new Array<number>(y.shape[0]).fill(0)),
          ),
      }),
    },
  },
  {
    id: 'key-windows-inside-the-map-are-the-same-both-ways',
    statement:
      'Where a key window lies inside the map, clamping and centring give the same tokens, bit for bit.',
    source: 'contract, around the equations: the two differ at the border alone',
    equations: [LOCAL],
    holds(lab, trial) {
      const source = random(trial.seed).fork('inside')
      const w = source.integer(1, 2)
      const config = { w, wk: w + source.integer(0, 2), heads: source.integer(1, 2) }
      const sizes = { H: 3 * w, W: 3 * w, Nw: 9 }
      const clamped = lab.sample(LOCAL, trial, { config: { ...config, key_windows: 'clamped' }, sizes })
      const centred = ask(LOCAL, Object.fromEntries(clamped.tensors), { ...config, key_windows: 'centred' })
      // the one in the middle
      const [one, other] = [clamped, centred].map((question) =>
        take(lab.answer(question).tensor('S'), -3, [4]),
      )
      identical('S of the middle window', one, other)
    },
    mutant: {
      name: 'slices that start and end one place early',
      plant: (rules) => ({
        slice(x, axis, start, end) {
          const by = start > 0 && end - start > 1 ? 1 : 0
          return rules.slice(x, axis, start - by, end - by)
        },
      }),
    },
  },
  {
    id: 'generation-is-pooling-eq1-and-eq2',
    statement:
      'S1 and S of the semantic token generation are Eq. (1) of the pooled centres and Eq. (2) of that, bit for bit.',
    source: 'STViT §3.1: pooling and two layers of cross-attention on the same image tokens',
    equations: [STGM, 'stvit/eq1', 'stvit/eq2'],
    holds(lab, trial) {
      const question = lab.sample(STGM, trial)
      const answer = lab.answer(question)
      const X = tokensOf(tensorOf(question, 'input.X'))
      const { heads, residual = 'S1' } = question.asked
      const P = centresOf(lab, question, '')
      const first = ask(
        'stvit/eq1',
        { ...valuesOf({ 'input.P': P, 'input.X': X }), ...paramsOf(question, 'layer1.') },
        { heads },
      )
      const S1 = lab.answer(first).tensor('S')
      const G = tensorOf(question, 'param.G')
      const second = ask(
        'stvit/eq2',
        {
          ...valuesOf({ 'input.S1': S1, 'input.X': X, 'param.G': G }),
          ...paramsOf(question, 'layer2.'),
        },
        { heads, residual },
      )
      identical('S1', answer.tensor('S1'), S1)
      identical('S', answer.tensor('S'), lab.answer(second).tensor('S'))
    },
    mutant: carriedSum,
  },
  {
    id: 'generation-without-layers-is-its-pooling',
    statement:
      'With every LayerScale 0 the generation gives the pooled centres and the dumbbell its map, bit for bit.',
    source: 'contract, conventions: LayerScale multiplies attention and FFN before their residuals are added',
    equations: [STGM, DUMBBELL],
    holds(lab, trial) {
      const generation = withoutLayers(lab, STGM, trial)
      if (generation.config['residual'] === 'S1') {
        const answer = lab.answer(generation)
        const P = centresOf(lab, generation, '')
        for (const name of ['S1', 'S']) identical(name, answer.tensor(name), P)
      }
      const unit = withoutLayers(lab, DUMBBELL, trial)
      const answer = lab.answer(unit)
      identical('S of the dumbbell', answer.tensor('S'), centresOf(lab, unit, 'stgm.'))
      identical('X_out of the dumbbell', answer.tensor('X_out'), tensorOf(unit, 'input.X'))
    },
    mutant: layerScaleIgnored,
  },
  {
    id: 'recovery-in-one-window-is-eq6',
    statement: 'With nw = 1 the recovery in windows is Eq. (6) on all image tokens, bit for bit.',
    source: 'STViT §3.3: Eq. (6) is for one window of each',
    equations: [RECOVERY, 'stvit/eq6'],
    holds(lab, trial) {
      const heads = random(trial.seed).fork('heads').integer(1, 3)
      const question = lab.sample(RECOVERY, trial, { config: { nw: 1, heads } })
      const [X, S] = ['input.X', 'input.S'].map((name) => tensorOf(question, name))
      const semantic = reshaped(S, [...S.shape.slice(0, -3), ...S.shape.slice(-2)])
      const inputs = valuesOf({ 'input.X': tokensOf(X), 'input.S': semantic })
      const whole = lab.answer(ask('stvit/eq6', { ...inputs, ...paramsOf(question, '') }, { heads }))
      identical('X_out', tokensOf(lab.answer(question).tensor('X_out')), whole.tensor('X_out'))
    },
    mutant: windowsTransposed,
  },
  {
    id: 'recovery-is-eq6-in-each-window',
    statement: 'Window by window, the recovery is Eq. (6) on its image and its semantic tokens, bit for bit.',
    source: 'STViT §3.3: windows of image tokens attend to the matching windows of semantic tokens',
    equations: [RECOVERY, 'stvit/eq6'],
    holds(lab, trial) {
      const question = lab.sample(RECOVERY, trial, { lead: [] })
      const { nw, Hw, Ww, s, C } = question.sizes
      const source = random(trial.seed).fork('window')
      const [i, j] = [source.integer(0, nw - 1), source.integer(0, nw - 1)]
      const window = (X: Tensor): Tensor => tokensOf(cut(X, i * Hw, j * Ww, Hw, Ww))
      const S = reshaped(take(tensorOf(question, 'input.S'), -3, [i * nw + j]), [s, C])
      const inputs = valuesOf({ 'input.X': window(tensorOf(question, 'input.X')), 'input.S': S })
      const config = configWithout(question, 'nw')
      const alone = lab.answer(ask('stvit/eq6', { ...inputs, ...paramsOf(question, '') }, config))
      const own = window(lab.answer(question).tensor('X_out'))
      identical(`X_out of window ${i}, ${j}`, own, alone.tensor('X_out'))
    },
    mutant: windowsDownColumns,
  },
  {
    id: 'the-dumbbell-is-generation-layers-and-recovery',
    statement:
      'The dumbbell is the generation, Eq. (1) of its tokens with themselves once a layer, and the recovery, bit for bit.',
    source: 'STViT §3.3, Fig. 2b',
    equations: [DUMBBELL, STGM, 'stvit/eq1', RECOVERY],
    holds(lab, trial) {
      const question = lab.sample(DUMBBELL, trial, { lead: [] })
      const { ws, nw, depth, sh, C } = question.sizes
      const { heads } = question.asked
      const answer = lab.answer(question)
      const X = valuesOf({ 'input.X': tensorOf(question, 'input.X') })
      const generation = ask(STGM, { ...X, ...paramsOf(question, 'stgm.') }, configWithout(question, 'nw'))
      let S = lab.answer(generation).tensor('S')
      for (const l of range(depth)) {
        const layer = Object.entries(paramsOf(question, 'semantic.')).map(([name, value]) => {
          if (value.kind !== 'dense') return [name, value] as const
          const own = take(value.tensor, 0, [l])
          return [name, { kind: 'dense', tensor: reshaped(own, own.shape.slice(1)) }] as const
        })
        const tokens = valuesOf({ 'input.P': S, 'input.X': S })
        S = lab.answer(ask('stvit/eq1', { ...tokens, ...Object.fromEntries(layer) }, { heads })).tensor('S')
      }
      identical('S', answer.tensor('S'), S)

      const place = (token: number): number => {
        const [window, inside] = [Math.floor(token / sh / sh), token % (sh * sh)]
        const row = Math.floor(window / nw) * sh + Math.floor(inside / sh)
        return row * ws + (window % nw) * sh + (inside % sh)
      }
      const windows = take(S, 0, range(ws * ws).map(place))
      const inputs = { ...X, ...valuesOf({ 'input.S': reshaped(windows, [nw * nw, sh * sh, C]) }) }
      const recovery = ask(RECOVERY, { ...inputs, ...paramsOf(question, 'recovery.') }, { heads, nw })
      identical('X_out', answer.tensor('X_out'), lab.answer(recovery).tensor('X_out'))
    },
    mutant: {
      name: 'the first layer of the stack used for all',
      plant: (rules) => ({ slice: (x, axis, start, end) => rules.slice(x, axis, 0, end - start) }),
    },
  },
]
