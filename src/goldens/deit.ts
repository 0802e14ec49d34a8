import { arithmeticNamed } from '../arithmetics/index.ts'
import { equations } from '../catalogue/index.ts'
import { sample } from '../catalogue/sample.ts'
import type { Config, Equation } from '../catalogue/schema.ts'
import type { Question } from '../cases/question.ts'
import { rawOf } from '../cases/write-case.ts'
import type { Value } from '../../reference/evaluator.ts'
import { hexOf } from '../verdict/ulp.ts'
import { sha256 } from './hash.ts'
import { SEED } from './recipe.ts'

/** What is kept of one large output: enough to tell whether a bit changed, and by how much some values did. */
export interface Digest {
  readonly shape: readonly number[]
  /** Of the row-major little-endian bytes. */
  readonly sha256: string
  /** Some values, by flat index, as float32 bits or 0/1. */
  readonly values: Readonly<Record<string, string>>
}

const layer = { C: 384, rC: 1536 }
const heads = { heads: 6 }
const kernels = { kd_intra: 3, kc_intra: 1, kd_inter: 3, kc_inter: 1 }
const tokens = { n: 197, d: 64, m: 32 }

/** DeiT-S: C = 384, six heads, 196 or 197 tokens; 36 semantic tokens; a basis of 32; a quarter of the connections. */
const DEIT_S: Readonly<
  Record<string, { sizes: Record<string, number>; lead?: readonly number[]; config?: Config }>
> = {
  'stvit/eq1': { sizes: { Ns: 36, Ni: 196, ...layer }, config: heads },
  'stvit/eq2': { sizes: { Ns: 36, Ni: 196, ...layer }, config: heads },
  'stvit/eq3': { sizes: { Ns: 36, Ni: 196, C: 384 }, config: heads },
  'stvit/eq4': { sizes: { kh: 3, kw: 3, C: 384, kd: 3, kc: 1 } },
  'stvit/eq5': { sizes: { H: 14, W: 14, C: 384, ...kernels }, config: { ws: 6 } },
  'stvit/eq6': { sizes: { Nx: 196, Ns: 36, ...layer }, config: heads },
  'sparsifiner/eq1': { sizes: tokens, lead: [6] },
  'sparsifiner/eq2': { sizes: { n: 197, m: 32 }, lead: [6] },
  'sparsifiner/eq3': {
    sizes: { n: 197, m: 32 },
    lead: [6],
    config: { keep_rate: 0.25, basis_threshold: 0.01 },
  },
  'sparsifiner/eq4': { sizes: { n: 197, d: 64 }, lead: [6], config: { normalize: 'masked' } },
  'sparsifiner/eq5': { sizes: { n: 197 }, lead: [6] },
  'sparsifiner/eq6': { sizes: { n: 197, d: 64 }, lead: [6] },
  'sparsifiner/eq7': { sizes: { B: 8, k: 1000 } },
  'sparsifiner/eq8': { sizes: {}, lead: [197, 384] },
  'sparsifiner/eq9': { sizes: { B: 8, k: 1000 } },
  'sparsifiner/eq10': { sizes: { n: 197, m: 32 }, lead: [6] },
  'sparsifiner/eq11': { sizes: { n: 197, m: 32 } },
  'sparsifiner/eq12': { sizes: {}, config: { lambda_token: 0.5, lambda_cls: 0.5 } },
}

/** How many values are kept of each output. */
const VALUES = 8

/** The question of the equation at DeiT-S size. */
function deitQuestion(equation: Equation): Question {
  const { sizes, lead = [], config = {} } = DEIT_S[equation.id]
  const has = (name: string): boolean => !name.startsWith('param.layer_scale')
  return sample(equation, `${SEED} DeiT-S`, { sizes, lead, config, has })
}

/** The reference's outputs of every equation at DeiT-S size, as digests by `ID NAME`. */
export function* referenceDigests(
  wanted: (id: string) => boolean = () => true,
): Generator<readonly [string, Digest]> {
  const reference = arithmeticNamed('float32')
  for (const equation of equations) {
    if (!wanted(equation.id)) continue
    for (const [name, value] of reference.answer(deitQuestion(equation))) {
      if (equation.exposes[name].output === true) yield [`${equation.id} ${name}`, digestOf(value)]
    }
  }
}

function digestOf(value: Value): Digest {
  const { shape, bytes } = rawOf(value)
  const data = value.kind === 'dense' ? value.tensor.data : value.mask.data
  const values: Record<string, string> = {}
  for (let i = 0; i < Math.min(VALUES, data.length); i++) {
    // spread over the whole tensor, each time in another column
    const at = Math.floor(((i + 0.5) * data.length) / Math.min(VALUES, data.length))
    values[at] = value.kind === 'dense' ? hexOf(data[at]) : `${data[at]}`
  }
  return { shape, sha256: sha256(bytes), values }
}
