import type { ExactQuestion } from './ask.ts'
import { sizeOf } from './grid.ts'

/** How often an evaluation does what takes time. */
interface Counts {
  /** Multiplications, each with an addition. */
  readonly multiplies?: number
  readonly divisions?: number
  readonly exps?: number
  readonly gelus?: number
  readonly roots?: number
  readonly logs?: number
  /** Values that come out, which are rounded to float32 and float64. */
  readonly values?: number
}

/** Seconds of one operation at 64 digits: medians of runs on a 2-core x86 cloud machine, Node 20.20, mathjs 15.2. */
const SECONDS: Required<Counts> = {
  multiplies: 2e-6,
  divisions: 11e-6,
  exps: 150e-6,
  gelus: 520e-6,
  roots: 70e-6,
  logs: 280e-6,
  values: 40e-6,
}

/** How much longer everything takes for each doubling of the digits. */
const PER_DOUBLING = 3

/**
 * About how long one evaluation with `digits` digits, rounded, takes. `certain` takes that once for nearly every
 * question, and about 3 + 9 times as long on top where it needs 128 and 256 digits. For refusing large shapes: a
 * machine half as fast takes twice as long.
 * @throws RangeError for an unknown id or a missing tensor
 */
export function estimatedSeconds(question: ExactQuestion, digits = 64): number {
  let seconds = 0
  for (const counts of countsOf(question)) {
    seconds += SECONDS.multiplies * (counts.multiplies ?? 0)
    seconds += SECONDS.divisions * (counts.divisions ?? 0)
    seconds += SECONDS.exps * (counts.exps ?? 0)
    seconds += SECONDS.gelus * (counts.gelus ?? 0)
    seconds += SECONDS.roots * (counts.roots ?? 0)
    seconds += SECONDS.logs * (counts.logs ?? 0)
    seconds += SECONDS.values * (counts.values ?? 0)
  }
  return seconds * PER_DOUBLING ** Math.max(0, Math.log2(digits / 64))
}

function countsOf(question: ExactQuestion): readonly Counts[] {
  const items = sizeOf(question.lead)
  const shape = (name: string): readonly number[] => shapeOf(question, name)
  /** The shape of an input without the leading dimensions. */
  const item = (name: string): readonly number[] => shape(`input.${name}`).slice(question.lead.length)
  switch (question.equation.id) {
    case 'stvit/eq1':
      return layer(question, item('P')[0], item('X')[0])
    case 'stvit/eq2':
      return layer(question, item('S1')[0], item('S1')[0] + item('X')[0])
    case 'stvit/eq6':
      return layer(question, item('X')[0], item('S')[0])
    case 'stvit/eq3': {
      const [[Ns, C], [Ni], h] = [item('S1'), item('X'), Number(question.config['heads'])]
      const scores = items * h * Ns * (Ns + Ni)
      return [
        { multiplies: items * (2 * Ns + Ni) * C * C + Ns * C * C, values: items * (2 * Ns + Ni) * C },
        { multiplies: (2 * scores * C) / h, divisions: 3 * scores, exps: scores, values: 3 * scores },
      ]
    }
    case 'stvit/eq4': {
      const [kh, kw, C] = item('X_w')
      return pooling(question, '', items, kh * kw, C)
    }
    case 'stvit/eq5': {
      const [[H, W, C], ws] = [item('X'), Number(question.config['ws'])]
      const [windows, tokens] = [items * ws * ws, Math.ceil(H / ws) * Math.ceil(W / ws)]
      return [
        ...pooling(question, 'intra.', windows, tokens, C),
        ...pooling(question, 'inter.', items, ws * ws, C),
        {
          multiplies: 2 * windows * tokens * C,
          exps: 2 * windows * tokens,
          values: windows * tokens * (C + 2),
        },
      ]
    }
    case 'stvit/adaptive-average-pooling':
    case 'stvit/adaptive-max-pooling': {
      // bins overlap, and there may be more of them than places
      const [[H, W, C], out] = [item('X'), Number(question.config['out'])]
      const bins = items * out * out * C
      return [{ multiplies: items * (H + out) * (W + out) * C, divisions: bins, values: bins }]
    }
    case 'stvit/local-cross-attention': {
      const [[, , C], [Nw, s], wk] = [item('X'), item('P'), Number(question.config['wk'])]
      return [...layer(question, s, wk * wk, '', Nw), { values: items * Nw * wk * wk * C }]
    }
    case 'stvit/stgm':
      return generation(question, '')
    case 'stvit/window-recovery': {
      const [[H, W], [Nw, s]] = [item('X'), item('S')]
      return layer(question, (H * W) / Nw, s, '', Nw)
    }
    case 'stvit/dumbbell': {
      const [[H, W], ws] = [item('X'), Number(question.config['ws'])]
      const windows = Number(question.config['nw'] ?? 1) ** 2
      const [depth] = shape('param.semantic.attn.q.weight')
      return [
        ...generation(question, 'stgm.'),
        ...layer(question, ws * ws, ws * ws, 'semantic.', depth),
        ...layer(question, (H * W) / windows, (ws * ws) / windows, 'recovery.', windows),
      ]
    }
    case 'stvit/patch-embedding': {
      const [[H, W], [C, ch, p]] = [item('image'), shape('param.proj.weight')]
      const places = items * H * W
      return [{ multiplies: places * ch * C, values: places * ch + (2 * places * C) / (p * p) }]
    }
    case 'stvit/classifier': {
      const [[N, C], [k]] = [item('X'), shape('param.head.weight')]
      const norm = question.tensors.has('param.norm.weight') ? [normed(items * N, C)] : []
      return [{ multiplies: items * (N + k) * C, values: items * (N * C + C + k) }, ...norm]
    }
    case 'sparsifiner/eq1': {
      const [[n, d], [m]] = [item('Q'), shape('param.W_down')]
      const logits = items * n * m
      return [
        {
          multiplies: 2 * logits * d,
          divisions: 2 * logits,
          exps: logits,
          values: 2 * logits + items * m * d,
        },
      ]
    }
    case 'sparsifiner/eq4': {
      const [n, d] = item('Q')
      const logits = items * n * n
      return [{ multiplies: logits * d, divisions: 2 * logits, exps: logits, values: 2 * logits }]
    }
    case 'sparsifiner/eq3':
    case 'sparsifiner/eq10': {
      const [[n, m]] = [item('A_tilde')]
      return [{ multiplies: items * n * n * (m + 2), values: items * n * n }]
    }
    case 'sparsifiner/eq6': {
      const [n, d] = item('V')
      return [{ multiplies: items * n * n * d, values: items * n * d }]
    }
    case 'sparsifiner/eq7':
    case 'sparsifiner/eq9': {
      const [B, k] = shape('input.logits')
      return [{ multiplies: 2 * B * k, exps: 3 * B * k, logs: 2 * B, values: 2 * B * k }]
    }
    case 'sparsifiner/eq2':
    case 'sparsifiner/eq5':
    case 'stvit/window-partition':
    case 'stvit/window-reverse':
      return [{ multiplies: elementsOf(question), values: elementsOf(question) }]
    case 'sparsifiner/eq8':
    case 'sparsifiner/eq11':
    case 'sparsifiner/eq12':
      return [{ multiplies: elementsOf(question), values: 1 }]
    case 'sparsifiner/linformer': {
      const [[n, d], [m]] = [item('Q'), shape('param.E')]
      const logits = items * n * m
      return [
        {
          multiplies: 4 * logits * d,
          divisions: 2 * logits,
          exps: logits,
          values: 2 * logits + items * (n + 2 * m) * d,
        },
      ]
    }
    case 'sparsifiner/attention': {
      const [[n, C], [m], h] = [item('X'), shape('param.W_down'), Number(question.config['heads'])]
      const [small, full] = [items * h * n * m, items * h * n * n]
      return [
        { multiplies: 4 * items * n * C * C, values: 6 * items * n * C },
        { multiplies: (2 * small * C) / h, divisions: 2 * small, exps: small, values: 3 * small },
        { multiplies: full * (m + 2 + (2 * C) / h), divisions: 2 * full, exps: full, values: 3 * full },
      ]
    }
    case 'sparsifiner/phase1':
    case 'sparsifiner/phase2': {
      const [[B, k], [n, m]] = [shape('input.logits'), item('A_tilde')]
      const [tokens, scores] = [sizeOf(shape('input.x')), items * n * n]
      return [
        { multiplies: 4 * B * k + tokens, exps: 5 * B * k, logs: 3 * B, values: 3 * B * k },
        { multiplies: scores * (m + 2) + m * n, values: scores },
      ]
    }
    default:
      throw new RangeError(`exact: expected a known equation, found "${question.equation.id}"`)
  }
}

/** The semantic token generation, its params under `prefix`. */
function generation(question: ExactQuestion, prefix: string): readonly Counts[] {
  const [H, W, C] = shapeOf(question, 'input.X').slice(question.lead.length)
  const ws = Number(question.config['ws'])
  const items = sizeOf(question.lead)
  const [windows, tokens] = [items * ws * ws, Math.ceil(H / ws) * Math.ceil(W / ws)]
  const pooled = question.tensors.has(`param.${prefix}pooling.intra.dw.weight`)
    ? [
        ...pooling(question, `${prefix}pooling.intra.`, windows, tokens, C),
        ...pooling(question, `${prefix}pooling.inter.`, items, ws * ws, C),
      ]
    : []
  return [
    ...pooled,
    { multiplies: 2 * windows * tokens * C, exps: 2 * windows * tokens, values: windows * tokens * (C + 2) },
    ...layer(question, ws * ws, H * W, `${prefix}layer1.`),
    ...layer(question, ws * ws, ws * ws + H * W, `${prefix}layer2.`),
  ]
}

/** A layer, its params under `prefix`, `times` times an item. */
function layer(question: ExactQuestion, Nq: number, Nk: number, prefix = '', times = 1): readonly Counts[] {
  const items = times * sizeOf(question.lead)
  const [rC, C] = shapeOf(question, `param.${prefix}ffn.fc1.weight`).slice(-2)
  const scores = items * Number(question.config['heads']) * Nq * Nk
  const norms = ['norm1', 'norm2'].filter((norm) =>
    question.tensors.has(`param.${prefix}${norm}.weight`),
  ).length
  return [
    {
      multiplies: items * ((2 * Nq + 2 * Nk) * C * C + 2 * Nq * Nk * C),
      values: items * (2 * Nk + 6 * Nq) * C,
    },
    { divisions: 2 * scores, exps: scores, values: 2 * scores },
    { multiplies: 2 * items * Nq * C * rC, gelus: items * Nq * rC, values: 2 * items * Nq * rC },
    normed(norms * items * (Nq + Nk), C),
  ]
}

/** f over `maps` maps of `tokens` tokens. */
function pooling(
  question: ExactQuestion,
  prefix: string,
  maps: number,
  tokens: number,
  C: number,
): readonly Counts[] {
  const dw = sizeOf(shapeOf(question, `param.${prefix}dw.weight`))
  const conv = sizeOf(shapeOf(question, `param.${prefix}conv.weight`))
  const all = maps * tokens
  return [{ multiplies: all * (dw + conv), gelus: all * C, values: 3 * all * C }, normed(all, C)]
}

function normed(rows: number, C: number): Counts {
  return { multiplies: 4 * rows * C, divisions: rows * C, roots: rows }
}

/** All numbers and bits of a question. */
function elementsOf(question: ExactQuestion): number {
  const elements = [...question.tensors.keys()].map((name) => sizeOf(shapeOf(question, name)))
  return elements.reduce((sum, size) => sum + size, 0)
}

function shapeOf({ tensors }: ExactQuestion, name: string): readonly number[] {
  const found = tensors.get(name)
  if (found === undefined) throw new RangeError(`expected ${name}, found nothing`)
  return found.kind === 'dense' ? found.tensor.shape : found.mask.shape
}
