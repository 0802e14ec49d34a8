import erfc from '@stdlib/math-base-special-erfc'
import type { Tensor } from '../../../../reference/tensor.ts'
import { altered, callsOf, places, shortName, type Direction, type Run, type Suspects } from '../direction.ts'
import { map, shapeOf } from '../elements.ts'
import { bf16, fp16 } from '../formats.ts'
import type { Call, Tape } from '../tape.ts'
import type { Rules } from '../traced.ts'

/** Another function in the place of GELU. */
export const gelus: Suspects = (tape) => {
  const forms: readonly (readonly [id: string, says: string, f: (x: number) => number])[] = [
    ['tanh', 'the tanh form of GELU', tanhGelu],
    ['sigmoid', 'GELU as x·σ(1.702x)', (x) => x / (1 + Math.exp(-1.702 * x))],
    ['relu', 'ReLU in place of GELU', (x) => Math.max(0, x)],
    ['silu', 'SiLU in place of GELU', (x) => x / (1 + Math.exp(-x))],
    ['none', 'GELU left out', (x) => x],
  ]
  const slips: typeof forms = [
    ['no-half', 'GELU without its factor ½', (x) => x * erfc(-x * Math.SQRT1_2)],
    ['no-root', 'GELU with erf(x), not erf(x/√2)', (x) => 0.5 * x * erfc(-x)],
  ]
  const others = places(callsOf(tape, 'gelu'), ({ shownIn }) => shownIn).flatMap(({ id, says, calls }) =>
    [...forms, ...slips].map(([name, sentence, f]): Direction => ({
      id: `gelu/${name}${id}`,
      says: `${sentence}${says}`,
      gross: slips.some(([slip]) => slip === name),
      run: altered(tape, calls, () => ({ gelu: (x) => map(x, f) })),
    })),
  )
  return [...others, ...earlyGelus(tape)]
}

/** GELU taken before the layer that it comes after. */
const earlyGelus: Suspects = (tape) =>
  callsOf(tape, 'gelu').flatMap((call): Direction[] => {
    const before = tape.calls.at(call.index - 1)
    if (before?.step !== 'linear' && before?.step !== 'layerNorm') return []
    const inEpilogue = altered(tape, [before, call], (usual) => ({
      linear: (x, weight, bias) => {
        const y = usual.gelu(usual.linear(x, weight))
        return bias === undefined ? y : usual.add(y, bias)
      },
      gelu: (x) => x,
    }))
    const beforeBias: Direction[] =
      before.step === 'linear' && before.operands[2] !== undefined
        ? [
            {
              id: `gelu/before-bias/${call.shownIn}/${call.index}`,
              says: `GELU before the bias of ${before.shownIn} is added`,
              gross: true,
              run: inEpilogue,
            },
          ]
        : []
    const early: Direction[] = [
      {
        id: `gelu/early/${call.shownIn}/${call.index}`,
        says: `GELU before ${before.shownIn}, not after`,
        run: altered(tape, [before, call], (usual) => ({
          linear: (x, weight, bias) => usual.linear(usual.gelu(x), weight, bias),
          layerNorm: (x, weight, bias, eps) => usual.layerNorm(usual.gelu(x), weight, bias, eps),
          gelu: (x) => x,
        })),
      },
    ]
    return beforeBias.concat(early)
  })

function tanhGelu(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
}

/** Scores scaled by something else than 1/√d. */
export const scoreScales: Suspects = (tape) => {
  const products = callsOf(tape, 'matmulTransposed', 'matmulAt')
  const scaled = callsOf(tape, 'scale', 'sparseScale').flatMap((call) => {
    const product = products.find(({ result }) => result.x === call.operands[0])
    return product === undefined ? [] : [{ call, product }]
  })
  if (scaled.length === 0) return []
  const [{ call, product }] = scaled
  const factor = Number(call.operands[1])
  const [queries, keys] = product.operands.slice(-2)
  const d = shapeOf(queries).at(-1) ?? 1
  const m = shapeOf(keys).at(-2) ?? 1
  // heads [.., h, N, d] of an equation that has them; else the leading dimensions are nobody's
  const heads = Number(tape.question.config['heads'] ?? 1)
  const factors: readonly (readonly [id: string, says: string, factor: number])[] = [
    ['sqrt-C', 'scores scaled by 1/√C, not 1/√d', 1 / Math.sqrt(d * heads)],
    ['d', 'scores scaled by 1/d', 1 / d],
    ['sqrt-m', 'scores scaled by 1/√m, m the number of keys, not 1/√d', 1 / Math.sqrt(m)],
    ['none', 'scores not scaled', 1],
    ['sqrt-d', 'scores scaled by 1/√d whatever `scale` says', 1 / Math.sqrt(d)],
    ['twice', 'scores scaled twice', factor * factor],
    ['inverse', 'scores divided by the scale', 1 / factor],
    [
      'padded-d',
      'scores scaled by 1/√d of a d padded to a power of two',
      1 / Math.sqrt(2 ** Math.ceil(Math.log2(d))),
    ],
    [
      'sqrt-n',
      'scores scaled by 1/√n, n the number of queries, not 1/√d',
      1 / Math.sqrt(shapeOf(queries).at(-2) ?? 1),
    ],
    ['bfloat16', 'the scale rounded to bfloat16', bf16.round(factor)],
    ['float16', 'the scale rounded to float16', fp16.round(factor)],
  ]
  return places(
    scaled.map((one) => one.call),
    ({ shownIn }) => shownIn,
  ).flatMap(({ id, says, calls }) =>
    factors
      .filter(([, , other]) => other !== factor)
      .map(([name, sentence, other]): Direction => ({
        id: `scale/${name}${id}`,
        says: `${sentence}${says}`,
        gross: name === 'padded-d' || name === 'sqrt-n',
        run: altered(tape, calls, (usual) => ({
          scale: (y) => usual.scale(y, other),
          sparseScale: (y) => usual.sparseScale(y, other),
        })),
      })),
  )
}

/** Sums: a term left out or added twice, or taken after its LayerNorm. */
export const sums: Suspects = (tape) =>
  callsOf(tape, 'add').flatMap((call): Direction[] => {
    const { shownIn } = call
    const [x, y] = call.operands
    const direction = (
      id: string,
      says: string,
      rules: (usual: Rules) => Partial<Rules>,
      repeated?: Direction['repeated'],
    ): Direction => ({
      id: `sum/${id}/${shownIn}/${call.index}`,
      says,
      ...(repeated === undefined ? {} : { repeated }),
      run: altered(tape, [call], rules),
    })
    const [first, second] = [termOf(tape, x, 'first'), termOf(tape, y, 'second')]
    return [
      direction('second-missing', `${second} not added in ${shownIn}`, () => ({ add: (a) => a })),
      direction(
        'first-missing',
        `${first} not added in ${shownIn}`,
        (usual) => ({ add: (a, b) => usual.subtract(usual.add(a, b), a) }),
        (times) => `${first} added ${count(times)} in ${shownIn}`,
      ),
      direction('second-twice', `${second} added twice in ${shownIn}`, (usual) => ({
        add: (a, b) => usual.add(usual.add(a, b), b),
      })),
    ].concat(normedTerms(tape, call, second))
  })

/**
 * The second term taken after its LayerNorm: the one it goes through, or, where it is normed in a sum alone, as S¹ is in S¹ + G, that one of it or of
 * the sum.
 */
function normedTerms(tape: Tape, call: Call, second: string): Direction[] {
  const { shownIn } = call
  const y = call.operands[1]
  const norms = callsOf(tape, 'layerNorm')
  const direction = (id: string, says: string, run: Run): Direction => ({
    id: `sum/${id}/${shownIn}/${call.index}`,
    says: `${says} in ${shownIn}`,
    run,
  })
  const own = norms.find(({ operands }) => operands[0] === y)
  if (own !== undefined) {
    const run = altered(tape, [call], (usual) => ({
      add: (a) => (own.result.kind === 'dense' ? usual.add(a, own.result.x) : a),
    }))
    return [direction('normed', `${second} added after its LayerNorm`, run)]
  }
  const within = callsOf(tape, 'add').filter(({ operands }) => operands.includes(y))
  const norm = norms.find(
    ({ index, operands }) => index < call.index && within.some(({ result }) => result.x === operands[0]),
  )
  if (norm === undefined) return []
  const normed = (what: 'term' | 'sum'): Run => {
    let taken = (_: Rules, term: Tensor): Tensor => term
    const { evaluate } = altered(tape, [norm, call], (usual) => ({
      layerNorm: (x, weight, bias, eps) => {
        taken = (rules, term) => rules.layerNorm(what === 'term' ? term : x, weight, bias, eps)
        return usual.layerNorm(x, weight, bias, eps)
      },
      add: (a, b) => usual.add(a, taken(usual, b)),
    }))
    return { at: [call], evaluate }
  }
  return [
    direction('normed', `${second} added after its LayerNorm`, normed('term')),
    direction(
      'normed-query',
      `the sum that ${second} is normed in added in its place, after that LayerNorm,`,
      normed('sum'),
    ),
  ]
}

function count(times: number): string {
  return times === 2 ? 'twice' : `${times} times`
}

/** The tensor's name, that of the tensor it is a multiple of, or its place. */
function termOf(tape: Tape, operand: unknown, place: string): string {
  const maker = tape.calls.find(({ result }) => result.x === operand)
  const name = shortName(tape, operand) ?? exposedAs(tape, operand)
  if (name !== undefined) return name
  if (maker?.step === 'scale' || maker?.step === 'reshape') return termOf(tape, maker.operands[0], place)
  if (maker?.step === 'add') return maker.operands.map((term) => termOf(tape, term, place)).join(' + ')
  return maker === undefined ? `the ${place} term` : `the result of ${layerOf(tape, maker) ?? maker.step}`
}

function exposedAs({ exposed }: Tape, operand: unknown): string | undefined {
  return [...exposed].find(([, { x }]) => x === operand)?.[0]
}

function layerOf(tape: Tape, { operands }: Call): string | undefined {
  return operands.map((operand) => shortName(tape, operand)).find((name) => name !== undefined)
}

/** Element-by-element products: LayerScale left out, a magnitude in place of a square. */
export const factors: Suspects = (tape) =>
  callsOf(tape, 'multiply').map((call): Direction => {
    const [x, y] = call.operands
    const square = x === y
    const name = shortName(tape, y) ?? 'the second factor'
    return {
      id: `product/${square ? 'magnitude' : 'missing'}/${call.shownIn}/${call.index}`,
      says: square ? `|x| in place of x² in ${call.shownIn}` : `${name} not multiplied with`,
      run: altered(tape, [call], () => ({ multiply: (a) => (square ? map(a, Math.abs) : a) })),
    }
  })
