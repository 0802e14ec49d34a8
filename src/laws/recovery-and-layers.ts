import { tensor } from '../../reference/tensor.ts'
import { crossLayers, idsOf, layers } from './attending.ts'
import { oneOf } from './draw.ts'
import type { Law } from './law.ts'
import { agree, exact, identical, plus, times } from './measured.ts'
import { map, mapRows, powers, total } from './mutants.ts'
import { ask, changed, tensorOf, withEach } from './questions.ts'
import { constant, filled, mapped } from './rearrange.ts'

const zero = (x: Parameters<typeof mapped>[0]) => mapped(x, () => 0)

/** x and Φ(x), from tables of the normal distribution. */
const NORMAL_TABLE: readonly (readonly [number, number])[] = [
  [0.5, 0.6914624612740131],
  [-0.5, 0.3085375387259869],
  [1, 0.8413447460685429],
  [-1, 0.15865525393145707],
  [2, 0.9772498680518208],
  [-2, 0.022750131948179195],
  [3, 0.9986501019683699],
  [-3, 0.0013498980316300933],
]

/** Laws of what surrounds the attention in a transformer layer: residuals, LayerScale, FFN. */
export const recoveryAndLayerLaws: readonly Law[] = [
  {
    id: 'eq6-is-eq1-with-roles-exchanged',
    statement:
      'Recovery, Eq. (6), of X from S is Eq. (1) with X as the centres and S as the image tokens, bit for bit.',
    source: 'STViT §3.3: the recovery layer is the layer of Eq. (1) with the roles exchanged',
    equations: ['stvit/eq1', 'stvit/eq6'],
    holds(lab, trial) {
      const recovery = lab.sample('stvit/eq6', trial)
      const { 'input.X': X, 'input.S': S, ...layer } = Object.fromEntries(recovery.tensors)
      const generation = ask('stvit/eq1', { ...layer, 'input.P': X, 'input.X': S }, recovery.asked)
      const [six, one] = [lab.answer(recovery), lab.answer(generation)]
      identical('X_hat and S_hat', six.tensor('X_hat'), one.tensor('S_hat'))
      identical('X_out and S', six.tensor('X_out'), one.tensor('S'))
    },
    mutant: {
      name: 'the sum of the softmax is not cleared between rows and calls',
      plant() {
        let carried = 0
        return {
          softmax: (x) =>
            mapRows(x, (row) => {
              const p = powers(row)
              carried = total(p) + carried / 16
              return p.map((power) => power / carried)
            }),
        }
      },
    },
  },
  {
    id: 'layer-scale-zero-leaves-the-residual',
    statement: 'With LayerScales of 0 a layer returns its queries, bit for bit.',
    source: 'contract, conventions: LayerScale multiplies attention and FFN before their residuals are added',
    equations: idsOf(layers),
    holds(lab, trial) {
      const [{ id, queries, hat, out }] = oneOf(layers, trial)
      const question = lab.sample(id, trial, { config: {} })
      const none = constant([question.sizes['C']], 0)
      const scales = { 'param.layer_scale_1': none, 'param.layer_scale_2': none }
      const answer = lab.answer(changed(question, scales))
      identical(`${hat} and the queries`, answer.tensor(hat), tensorOf(question, queries))
      identical(`${out} and ${hat}`, answer.tensor(out), answer.tensor(hat))
    },
    mutant: {
      name: 'a LayerScale of 0 taken for none',
      plant: (rules) => ({
        multiply: (x, y) => (y.data.every((value) => value === 0) ? x : rules.multiply(x, y)),
      }),
    },
  },
  {
    id: 'layer-scale-is-linear',
    statement: 'Where the queries are 0, doubling layer_scale_1 doubles the output of the attention exactly.',
    source: 'contract, conventions; algebra',
    equations: idsOf(crossLayers),
    holds(lab, trial) {
      const [{ id, queries, hat }] = oneOf(crossLayers, trial)
      const drawn = lab.sample(id, trial, { has: (name) => name.startsWith('param.layer_scale') })
      const question = withEach(drawn, [queries], zero)
      const doubled = withEach(question, ['param.layer_scale_1'], (x) => mapped(x, (value) => 2 * value))
      const [once, twice] = [lab.answer(question).tensor(hat), lab.answer(doubled).tensor(hat)]
      identical(
        `${hat} of doubled LayerScale`,
        twice,
        mapped(once, (value) => 2 * value),
      )
    },
    mutant: {
      name: 'LayerScale added to 1 before it multiplies',
      plant: (rules) => ({ multiply: (x, y) => rules.add(x, rules.multiply(x, y)) }),
    },
  },
  {
    id: 'zero-projection-leaves-queries-and-bias',
    statement:
      'With W_proj = 0 and no LayerScale, what attention returns is the queries plus the bias of proj, once.',
    source: 'contract, conventions: y = x Wᵀ + b',
    equations: idsOf(layers),
    holds(lab, trial) {
      const [{ id, queries, hat }] = oneOf(layers, trial)
      const drawn = lab.sample(id, trial, { config: {}, has: (name) => name !== 'param.layer_scale_1' })
      const question = withEach(drawn, ['param.attn.proj.weight'], zero)
      const expected = lab.compute((a, dense) =>
        a.add(dense(tensorOf(question, queries)), dense(tensorOf(question, 'param.attn.proj.bias'))),
      )
      identical(`${hat} and queries + bias`, lab.answer(question).tensor(hat), expected.tensor)
    },
    mutant: {
      name: 'the bias of a projection added twice',
      plant: (rules) => ({
        linear(x, weight, bias) {
          const y = rules.linear(x, weight, bias)
          return bias === undefined ? y : rules.add(y, bias)
        },
      }),
    },
  },
  {
    id: 'gelu-is-x-times-phi',
    statement: 'Inside the FFN, GELU of ±1/2, ±1, ±2 and ±3 is x·Φ(x) with Φ from the tables.',
    source: 'contract, conventions: GELU is exact, with erf',
    equations: idsOf(layers),
    holds(lab, trial) {
      const [{ id }] = oneOf(layers, trial)
      const drawn = lab.sample(id, trial, { has: () => true })
      const tabled = filled([drawn.sizes['rC']], (i) => NORMAL_TABLE[i % NORMAL_TABLE.length][0])
      const question = changed(withEach(drawn, ['param.ffn.fc1.weight'], zero), {
        'param.ffn.fc1.bias': tabled,
      })
      const gelu = lab.answer(question).dense('gelu')
      const rC = tabled.size
      const expected = Float64Array.from(gelu.tensor.data, (_, i) => {
        const [x, phi] = NORMAL_TABLE[(i % rC) % NORMAL_TABLE.length]
        return x * phi
      })
      agree('gelu of tabled numbers', gelu, exact(tensor(expected, gelu.tensor.shape)))
    },
    mutant: {
      name: 'the tanh approximation of GELU',
      plant: () => ({
        gelu: (x) =>
          map(x, (z) => 0.5 * z * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3)))),
      }),
    },
  },
  {
    id: 'gelu-minus-its-mirror-is-the-argument',
    statement:
      'In the mask of Eq. (4), negating the norm’s weight and bias takes GELU from gelu(x) to gelu(x) − x.',
    source: 'algebra: Φ(x) + Φ(−x) = 1, so gelu(x) − gelu(−x) = x',
    equations: ['stvit/eq4'],
    holds(lab, trial) {
      const question = lab.sample('stvit/eq4', trial)
      const negated = withEach(question, ['param.norm.weight', 'param.norm.bias'], (x) =>
        mapped(x, (w) => -w),
      )
      const [before, after] = [lab.answer(question), lab.answer(negated)]
      const difference = plus(before.dense('gelu'), times(after.dense('gelu'), -1))
      agree('gelu(x) − gelu(−x)', difference, before.dense('norm'))
    },
    mutant: {
      name: 'the half of GELU left out',
      plant: (rules) => ({ gelu: (x) => rules.scale(rules.gelu(x), 2) }),
    },
  },
  {
    id: 'zero-fc2-adds-its-bias-alone',
    statement:
      'With W of fc2 = 0 and no LayerScale, the FFN adds its last bias to every token and nothing else.',
    source: 'contract, conventions: FFN is fc1, GELU, fc2, its residual around it',
    equations: idsOf(layers),
    holds(lab, trial) {
      const [{ id, hat, out }] = oneOf(layers, trial)
      const drawn = lab.sample(id, trial, { has: (name) => name !== 'param.layer_scale_2' })
      const question = withEach(drawn, ['param.ffn.fc2.weight'], zero)
      const answer = lab.answer(question)
      const bias = tensorOf(question, 'param.ffn.fc2.bias')
      const expected = lab.compute((a, dense) => a.add(dense(answer.tensor(hat)), dense(bias)))
      identical(`${out} and ${hat} + bias`, answer.tensor(out), expected.tensor)
    },
    mutant: {
      name: 'biases scaled like the weights by the root of the inputs',
      plant: (rules) => ({
        linear: (x, weight, bias) =>
          rules.linear(
            x,
            weight,
            bias === undefined ? undefined : rules.scale(bias, 1 / Math.sqrt(1 + weight.shape[1])),
          ),
      }),
    },
  },
]
