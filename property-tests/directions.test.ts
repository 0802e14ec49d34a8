import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { withRule, type Arithmetic } from '../reference/arithmetic.ts'
import type { Evaluator, Value } from '../reference/evaluator.ts'
import { float32Dense, type FullKinds } from '../reference/float32/index.ts'
import { tensor, type Tensor } from '../reference/tensor.ts'
import { equations } from '../src/catalogue/index.ts'
import { sample, type SampleOptions } from '../src/catalogue/sample.ts'
import { findEquation } from '../src/cases/names.ts'
import { buildQuestion, type Question } from '../src/cases/question.ts'
import { random } from '../src/random.ts'
import { suspectsOf } from '../src/verdict/directions/catalogue/index.ts'
import { blame, type Blame } from '../src/verdict/directions/index.ts'
import { record, type Exposures } from '../src/verdict/directions/tape.ts'
import { answerOf, tryingOf, type Exposure } from './directions-lab.ts'
import { honestRuntimes } from './honest-runtimes.ts'
import { parameters } from './seed.ts'

type Rules = Arithmetic<FullKinds>

const EXPOSURES: readonly Exposure[] = ['outputs', 'everything']
/** Of each equation, runtime and exposure: 648 honest runs in all. */
const HONEST_RUNS = 6

function blamed(question: Question, found: ReadonlyMap<string, Value>, invisible = false): Blame {
  return blame({ ...tryingOf(question, found), directions: 'always', suspected: true, invisible })
}

describe.each(equations.map((equation) => [equation.id, equation] as const))('%s', (_, equation) => {
  test.each(honestRuntimes.map((runtime) => [runtime.name, runtime] as const))(
    'an honest runtime goes along no direction: %s',
    (_name, runtime) => {
      const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })
      fc.assert(
        fc.property(seeds, fc.constantFrom(...EXPOSURES), (seed, exposure) => {
          const question = sample(equation, seed)
          const found = answerOf(runtime.evaluator(random(seed).fork(runtime.name)), question, exposure)
          expect(blamed(question, found).findings).toEqual([])
        }),
        parameters(2 * HONEST_RUNS),
      )
    },
  )

  // planted by the same patch in a float32 runtime: that every direction is told from every other, not that its patch is right
  test('every suspected bug is named first, or cannot be seen', () => {
    const question = sample(equation, 11)
    const runtime = honestRuntimes[0].evaluator(random(11))
    const bugged = record(question, { found: new Map(), judged: () => undefined }, runtime)
    for (const { id, run } of suspectsOf(bugged)) {
      // its patch is an ULP of the operands, which float32 does not hold; planted by hand below
      if (id === 'sums/toward-zero') continue
      const found = stored(run.evaluate(), (path) => equation.exposes[path].output === true)
      if (
        sameValues(
          found,
          stored(bugged.exposed, (path) => found.has(path)),
        )
      )
        continue
      const [first] = blamed(question, found).findings
      const named = first === undefined ? [] : [first.id, ...first.alike]
      if (named.includes(id)) continue
      const unseen = blamed(question, found, true).invisible.map((direction) => direction.id)
      expect(unseen, `${id} was taken for ${first?.sentence}`).toContain(id)
    }
  })
})

/** What was exposed, as float32. */
function stored(exposed: Exposures, wanted: (path: string) => boolean): Map<string, Value> {
  const found = new Map<string, Value>()
  for (const [path, x] of exposed) {
    if (!wanted(path)) continue
    if (x.kind === 'mask') {
      found.set(path, { kind: 'mask', mask: { shape: x.x.shape, data: x.x.kept } })
    } else {
      const { data, shape } = x.kind === 'dense' ? x.x : x.x.values
      found.set(path, { kind: 'dense', tensor: tensor(new Float32Array(data), shape) })
    }
  }
  return found
}

function sameValues(a: ReadonlyMap<string, Value>, b: ReadonlyMap<string, Value>): boolean {
  const numbers = (value: Value | undefined): number[] =>
    value === undefined ? [] : [...(value.kind === 'dense' ? value.tensor.data : value.mask.data)]
  return [...a].every(([path, value]) => {
    const other = numbers(b.get(path))
    return numbers(value).every((x, i) => Object.is(x, other[i]))
  })
}

// --- bugs written by hand, sharing nothing with the catalogue of directions ---

const f = Math.fround

function map(x: Tensor, change: (value: number, index: number) => number): Tensor {
  return tensor(Float32Array.from(x.data, change), x.shape)
}

function rowsOf(x: Tensor, change: (row: number[]) => number[]): Tensor {
  const width = x.shape.at(-1) ?? 1
  const out = new Float32Array(x.size)
  for (let start = 0; start < x.size; start += width) {
    out.set(change([...x.data.subarray(start, start + width)]), start)
  }
  return tensor(out, x.shape)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** The float32 next to x on the side of 0. */
function towardZero(x: number): number {
  const nearest = f(x)
  if (Math.abs(nearest) <= Math.abs(x)) return nearest
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, nearest)
  view.setInt32(0, view.getInt32(0) - 1)
  return view.getFloat32(0)
}

function linearTowardZero(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [rows, [out, width]] = [x.size / (x.shape.at(-1) ?? 1), weight.shape]
  const y = Float32Array.from({ length: rows * out }, (_, at) => {
    const [row, column] = [Math.floor(at / out), at % out]
    let total = 0
    for (let k = 0; k < width; k++) {
      total = towardZero(total + towardZero(x.data[row * width + k] * weight.data[column * width + k]))
    }
    return bias === undefined ? total : towardZero(total + bias.data[column])
  })
  return tensor(y, [...x.shape.slice(0, -1), out])
}

/** Softmax of a row with `more` in the denominator and `base` in the place of e. */
function softmaxWith(more: number, base = Math.E): Partial<Rules> {
  return {
    softmax: (x) =>
      rowsOf(x, (row) => {
        const max = Math.max(...row)
        const powers = row.map((value) => base ** (value - max))
        return powers.map((power) => power / (sum(powers) + more))
      }),
  }
}

/** The scores scaled by something else; d is what 1/√d was made of. */
function scoresBy(factor: (d: number) => number): (base: Rules) => Partial<Rules> {
  return (base) => ({ scale: (x, usual) => base.scale(x, f(factor(Math.round(1 / usual ** 2)))) })
}

function toBfloat16(x: number): number {
  const bits = new Uint32Array(1)
  const float = new Float32Array(bits.buffer)
  float[0] = x
  bits[0] = (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) & 0xffff0000
  return float[0]
}

const layer: SampleOptions = {
  sizes: { C: 12, rC: 24 },
  config: { heads: 3 },
  lead: [2],
  has: (name) => !name.startsWith('param.layer_scale'),
}

interface Planted {
  readonly equation: string
  readonly bug: string
  readonly id: string
  readonly options?: SampleOptions
  readonly rules: (base: Rules) => Partial<Rules>
  /** Whether its direction is one of an average, what each rounding loses, so that β need not be 1. */
  readonly onAverage?: boolean
}

const PLANTED: readonly Planted[] = [
  ...['stvit/eq1', 'stvit/eq2', 'stvit/eq6'].flatMap((equation): Planted[] => [
    {
      equation,
      bug: 'ε of 1e-5 in every LayerNorm',
      id: 'layer-norm/epsilon=0.00001',
      options: layer,
      rules: (base) => ({ layerNorm: (x, w, b) => base.layerNorm(x, w, b, 1e-5) }),
    },
    {
      equation,
      bug: 'the unbiased variance',
      id: 'layer-norm/unbiased',
      options: layer,
      rules: (base) => ({
        layerNorm: (x, w, b, eps) =>
          base.layerNorm(
            x,
            map(w, (g) => g * Math.sqrt(11 / 12)),
            b,
            (eps * 11) / 12,
          ),
      }),
    },
    {
      equation,
      bug: 'GELU by tanh',
      id: 'gelu/tanh',
      options: layer,
      rules: () => ({
        gelu: (x) =>
          map(x, (z) => z / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (z + 0.044715 * z * z * z)))),
      }),
    },
    {
      equation,
      bug: 'scores scaled by 1/√C',
      id: 'scale/sqrt-C',
      options: layer,
      rules: scoresBy((d) => 1 / Math.sqrt(3 * d)),
    },
    {
      equation,
      bug: 'the bias of fc1 left out',
      id: 'bias-missing/ffn.fc1',
      options: layer,
      rules: (base) => ({ linear: (x, w, b) => base.linear(x, w, w.shape[0] === 24 ? undefined : b) }),
    },
    {
      equation,
      bug: 'a padded key of logit 0',
      id: 'softmax/padded-key',
      options: layer,
      rules: (base) => ({
        softmax(x) {
          const zeros = base.slice(base.scale(x, 0), -1, 0, 1)
          const n = x.shape.at(-1) ?? 1
          return base.slice(base.softmax(base.concat([x, zeros], -1)), -1, 0, n)
        },
      }),
    },
    {
      equation,
      bug: 'the last key dropped',
      id: 'softmax/last-key',
      options: layer,
      rules: (base) => ({
        softmax(x) {
          const n = x.shape.at(-1) ?? 1
          const kept = base.softmax(base.slice(x, -1, 0, n - 1))
          return base.concat([kept, base.scale(base.slice(x, -1, n - 1, n), 0)], -1)
        },
      }),
    },
    {
      equation,
      bug: 'inputs of products in bfloat16',
      id: 'inputs/bfloat16',
      options: layer,
      rules: (base) => {
        const r = (x: Tensor): Tensor => map(x, toBfloat16)
        return {
          linear: (x, w, b) => base.linear(r(x), r(w), b),
          matmul: (x, y) => base.matmul(r(x), r(y)),
          matmulTransposed: (x, y) => base.matmulTransposed(r(x), r(y)),
        }
      },
    },
  ]),
  {
    equation: 'stvit/eq6',
    bug: 'linear layers summed toward zero',
    id: 'sums/toward-zero',
    options: { sizes: { Nx: 40, Ns: 9, C: 96, rC: 192 }, config: { heads: 3 } },
    rules: () => ({ linear: linearTowardZero }),
    onAverage: true,
  },
  ...['stvit/eq3', 'sparsifiner/eq1'].map((equation): Planted => ({
    equation,
    bug: 'log₂e of five digits',
    id: 'softmax/log2e=1.4427',
    rules: () => softmaxWith(0, 2 ** Number('1.4427')),
  })),
  {
    equation: 'stvit/eq3',
    bug: 'softmax to the base 2',
    id: 'softmax/base-2',
    options: { sizes: { C: 12 }, config: { heads: 3 } },
    rules: () => softmaxWith(0, 2),
  },
  ...['stvit/eq4', 'stvit/eq5'].map((equation): Planted => ({
    equation,
    bug: 'ReLU in place of GELU',
    id: 'gelu/relu',
    rules: () => ({ gelu: (x) => map(x, (z) => (z > 0 ? z : 0)) }),
  })),
  {
    equation: 'sparsifiner/eq1',
    bug: 'scores not scaled',
    id: 'scale/none',
    options: { sizes: { n: 12, m: 7, d: 8 } },
    rules: scoresBy(() => 1),
  },
  {
    equation: 'sparsifiner/eq2',
    bug: '≥ τ',
    id: 'choice/at-least',
    options: {
      config: { tau: 0.25 },
      tensors: new Map([['input.A_down', quarters()]]),
      sizes: { n: 4, m: 4 },
      lead: [],
    },
    rules: (base) => ({ threshold: (x, tau) => base.compress(map(x, (p) => (p < tau ? 0 : p))) }),
  },
  {
    equation: 'sparsifiner/eq3',
    bug: 'one more than the budget',
    id: 'option/budget=4',
    options: { config: { budget: 3 }, sizes: { n: 12, m: 8 } },
    rules: (base) => ({ topK: (x, budget) => base.topK(x, budget + 1) }),
  },
  {
    equation: 'sparsifiner/eq4',
    bug: 'softmax over the whole row',
    id: 'option/normalize=full',
    options: { config: { normalize: 'masked' }, sizes: { n: 12, d: 8 } },
    rules: (base) => ({
      matmulAt: (mask, x, y) => {
        whole = base.matmulTransposed(x, y)
        return base.select(mask, whole)
      },
      sparseScale: (x, factor) => {
        if (whole !== undefined) whole = base.scale(whole, factor)
        return base.sparseScale(x, factor)
      },
      maskedSoftmax: (mask, x) => base.select(mask, base.softmax(whole ?? x.values)),
    }),
  },
  {
    equation: 'sparsifiner/eq5',
    bug: 'the mask inverted',
    id: 'choice/inverted',
    rules: (base) => ({
      select: (mask, x) => base.select({ ...mask, kept: mask.kept.map((byte) => (byte === 0 ? 1 : 0)) }, x),
    }),
  },
  {
    equation: 'sparsifiner/eq6',
    bug: 'inputs in bfloat16',
    id: 'inputs/bfloat16',
    options: { sizes: { n: 12, d: 8 } },
    rules: (base) => ({
      sparseMatmulDense: (x, y) =>
        base.sparseMatmulDense({ ...x, values: map(x.values, toBfloat16) }, map(y, toBfloat16)),
    }),
  },
  {
    equation: 'sparsifiner/eq7',
    bug: 'the sum over the batch',
    id: 'reduction/sum/loss/4',
    options: { sizes: { B: 5, k: 7 } },
    rules: (base) => ({ mean: (x, over) => base.sum(x, over) }),
  },
  {
    equation: 'sparsifiner/eq8',
    bug: 'absolute differences',
    id: 'product/magnitude/loss/1',
    rules: (base) => ({ multiply: (x) => map(x, Math.abs), add: base.add }),
  },
  {
    equation: 'sparsifiner/eq9',
    bug: 'KL the other way round',
    id: 'option/direction=teach,pred',
    options: { config: { direction: 'pred,teach' }, sizes: { B: 4, k: 7 } },
    rules: (base) => {
      const logs: Tensor[] = []
      return {
        logSoftmax: (x) => {
          const log = base.logSoftmax(x)
          logs.push(log)
          return log
        },
        exp: () => base.exp(logs[1]),
        subtract: () => base.subtract(logs[1], logs[0]),
      }
    },
  },
  {
    equation: 'sparsifiner/eq10',
    bug: 'the sum of squares',
    id: 'option/reduction=sum',
    options: { config: { reduction: 'mean' }, sizes: { n: 5, m: 4 } },
    rules: (base) => ({ mean: (x, over) => base.sum(x, over) }),
  },
  {
    equation: 'sparsifiner/eq11',
    bug: 'a norm, not its square',
    id: 'reduction/root/loss/1',
    rules: (base) => ({ sum: (x, over) => map(base.sum(x, over), Math.sqrt) }),
  },
  {
    equation: 'sparsifiner/eq12',
    bug: 'two weights exchanged',
    id: 'option/lambda_token<->lambda_cls',
    options: { config: { lambda_token: 0.5, lambda_cls: 0.125, lambda_attn: 1, lambda_spa: 0.25 }, lead: [] },
    rules: (base) => {
      const weights = [0.125, 0.5, 1, 0.25]
      let at = 0
      return { scale: (x) => base.scale(x, weights[at++]) }
    },
  },
]

/** What `matmulAt` was given, kept between the steps of one evaluation. */
let whole: Tensor | undefined

/** Rows of which some are exactly τ = 1/4. */
function quarters(): Value {
  const data = Float32Array.of(
    0.25,
    0.25,
    0.25,
    0.25,
    0.5,
    0.25,
    0.125,
    0.125,
    0.75,
    0.25,
    0,
    0,
    0.5,
    0.5,
    0,
    0,
  )
  return { kind: 'dense', tensor: tensor(data, [4, 4]) }
}

describe.each(PLANTED)('$equation: $bug', ({ equation, id, options, rules, onAverage }) => {
  const runtime = (): Evaluator<FullKinds> => {
    const base = float32Dense()
    return { ...base, rules: withRule(base.rules, rules(base.rules)) }
  }
  test.each(EXPOSURES)('is named first from %s', (exposure) => {
    const question = sample(findEquation(equation), 3, options)
    const [first] = blamed(question, answerOf(runtime(), question, exposure)).findings
    expect([first?.id, ...(first?.alike ?? [])], first?.sentence).toContain(id)
    if (onAverage !== true) expect(first?.kind, first?.sentence).toBe('consistent')
  })
})

describe('what does not matter', () => {
  const eps = (base: Rules): Partial<Rules> => ({ layerNorm: (x, w, b) => base.layerNorm(x, w, b, 1e-5) })
  const base = float32Dense()
  const bugged = { ...base, rules: withRule(base.rules, eps(base.rules)) }
  const has = (name: string): boolean => name.includes('norm')
  const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })

  test('the order of the keys', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const question = sample(findEquation('stvit/eq1'), seed, {
          ...layer,
          sizes: { ...layer.sizes, Ni: 7 },
          has,
        })
        const X = question.tensors.get('input.X')
        if (X?.kind !== 'dense') throw new TypeError('X is dense')
        const reversed = reversedRows(X.tensor)
        const other = buildQuestion(
          question.equation,
          new Map([...question.tensors, ['input.X', { kind: 'dense', tensor: reversed }]]),
          question.asked,
        )
        const found = answerOf(bugged, question, 'outputs')
        const [before, after] = [blamed(question, found), blamed(other, found)].map(
          ({ findings }) => findings[0],
        )
        expect(after?.id).toBe(before?.id)
        // truth sums in another order, and a running maximum rises elsewhere: what that leans is cleared of
        const apart = Math.abs((after?.beta ?? 0) - (before?.beta ?? 0))
        expect(apart).toBeLessThanOrEqual(0.1 * (before?.standardError ?? 0) + 1e-5)
      }),
      parameters(5),
    )
  })

  test('a power of two on the values', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: -8, max: 8 }), (seed, power) => {
        const question = sample(findEquation('sparsifiner/eq6'), seed, { sizes: { n: 9, d: 5 } })
        const scaled = new Map(
          [...question.tensors].map(([name, value]) => [name, times(name, value, 2 ** power)]),
        )
        const other = buildQuestion(question.equation, scaled, question.asked)
        const short: Evaluator<FullKinds> = {
          ...base,
          rules: withRule(base.rules, {
            sparseMatmulDense: (x, y) => base.rules.sparseMatmulDense(x, map(y, toBfloat16)),
          }),
        }
        const [before, after] = [question, other].map(
          (asked) => blamed(asked, answerOf(short, asked, 'outputs')).findings[0],
        )
        expect([after.id, after.beta, after.snr]).toEqual([before.id, before.beta, before.snr])
      }),
      parameters(5),
    )
  })
})

function reversedRows(x: Tensor): Tensor {
  const [n, width] = x.shape.slice(-2)
  return map(x, (_, i) => x.data[i + (n - 1 - 2 * (Math.floor(i / width) % n)) * width])
}

function times(name: string, value: Value, factor: number): Value {
  if (value.kind === 'mask' || name !== 'input.V') return value
  return { kind: 'dense', tensor: map(value.tensor, (x) => x * factor) }
}
