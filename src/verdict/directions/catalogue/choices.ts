import type { FullSparse } from '../../../../reference/float32/full.ts'
import { belongs, type Config } from '../../../catalogue/schema.ts'
import type { Question } from '../../../cases/question.ts'
import { altered, askedWith, callsOf, type Direction, type Suspects } from '../direction.ts'
import { map, mapRows } from '../elements.ts'
import type { Call } from '../tape.ts'
import type { Rules } from '../traced.ts'

/** Choices made otherwise: thresholds, the largest k, what a mask keeps. */
export const choices: Suspects = (tape) => {
  const direction = (
    calls: ReturnType<typeof callsOf>,
    id: string,
    says: string,
    rules: (usual: Rules) => Partial<Rules>,
  ): Direction[] =>
    calls.length === 0 ? [] : [{ id: `choice/${id}`, says, run: altered(tape, calls, rules) }]
  const holding = (usual: Rules, { values, kept }: FullSparse, keep: (i: number) => boolean): FullSparse =>
    usual.select({ shape: values.shape, kept: kept.map((_, i) => Number(keep(i))) }, values)
  const [above, beyond] = [callsOf(tape, 'threshold'), callsOf(tape, 'thresholdMagnitude')]
  const [best, selected] = [callsOf(tape, 'topK'), callsOf(tape, 'select')]
  const ranked = (usual: Rules, rank: (value: number) => number) => (x: FullSparse, budget: number) => {
    const { kept, shape } = usual.topK({ ...x, values: map(x.values, rank) }, budget)
    return { shape, kept: kept.map((byte, i) => (x.values.data[i] === 0 ? 0 : byte)) }
  }
  return [
    ...direction(above, 'at-least', '≥ τ in place of > τ', (usual) => ({
      threshold: (x, tau) => {
        const limit = Math.fround(tau)
        const all = { values: x, kept: new Uint8Array(x.size) }
        return holding(usual, all, (i) => x.data[i] >= limit)
      },
    })),
    ...direction(above, 'renormalised', 'rows that sum to one again after the threshold', (usual) => ({
      threshold: (x, tau) => {
        const held = usual.threshold(x, tau)
        const values = mapRows(held.values, (row) => {
          const sum = row.reduce((total, value) => total + value, 0)
          return sum === 0 ? row : row.map((value) => value / sum)
        })
        return { ...held, values }
      },
    })),
    ...direction(above, 'subtracted', 'x − τ kept in place of x', (usual) => ({
      threshold: (x, tau) => {
        const held = usual.threshold(x, tau)
        const values = map(held.values, (value, i) => (held.kept[i] === 1 ? value - Math.fround(tau) : 0))
        return { ...held, values }
      },
    })),
    ...direction(above, 'not-thresholded', 'nothing dropped by the threshold', (usual) => ({
      threshold: (x) => usual.compress(x),
    })),
    ...direction(beyond, 'basis-at-least', '|w| ≥ the basis threshold in place of >', (usual) => ({
      thresholdMagnitude: (x, t) => {
        const all = { values: x, kept: new Uint8Array(x.size) }
        return holding(usual, all, (i) => Math.abs(x.data[i]) >= Math.fround(t))
      },
    })),
    ...direction(beyond, 'basis-signed', 'w, not |w|, against the basis threshold', (usual) => ({
      thresholdMagnitude: (x, t) => usual.threshold(x, t),
    })),
    ...direction(beyond, 'basis-whole', 'the basis threshold left out', (usual) => ({
      thresholdMagnitude: (x) => usual.compress(x),
    })),
    ...direction(best, 'higher-column', 'the higher column first among equal scores', (usual) => ({
      topK: (x, budget) => {
        const reversed = (y: FullSparse): FullSparse => ({
          kept: y.kept,
          values: mapRows(y.values, (row) => row.toReversed()),
        })
        const { kept, shape } = usual.topK(reversed(x), budget)
        const m = shape.at(-1) ?? 1
        return { shape, kept: kept.map((_, i) => kept[i - (i % m) + m - 1 - (i % m)]) }
      },
    })),
    ...direction(best, 'magnitude', 'scores ranked by magnitude', (usual) => ({
      topK: ranked(usual, Math.abs),
    })),
    ...direction(best, 'lowest', 'the smallest scores in place of the largest', (usual) => ({
      topK: ranked(usual, (value) => -value),
    })),
    ...direction(best, 'no-zeros', 'zeros dropped before the choice, not after', (usual) => ({
      topK: ranked(usual, (value) => (value === 0 ? -Infinity : value)),
    })),
    ...direction(best, 'keeps-zeros', 'scores of 0 kept', (usual) => ({
      topK: (x, budget) =>
        usual.topK(
          { ...x, values: map(x.values, (value) => (value === 0 ? Number.MIN_VALUE : value)) },
          budget,
        ),
    })),
    ...direction(best, 'columns', 'the largest scores of each column, not of each row', (usual) => ({
      topK: (x, budget) => {
        const [rows, columns] = x.values.shape.slice(-2)
        if (rows !== columns) return usual.topK(x, budget)
        const { shape, kept } = usual.topK(usual.compress(usual.swapAxes(x.values, -1, -2)), budget)
        const place = (i: number): number => {
          const [column, row] = [i % columns, Math.floor(i / columns) % rows]
          return i - row * columns - column + column * columns + row
        }
        return { shape, kept: kept.map((_, i) => kept[place(i)]) }
      },
    })).map(grossly),
    ...direction(selected, 'mask-renormalised', 'rows that sum to one again after the mask', (usual) => ({
      select: (mask, x) => {
        const held = usual.select(mask, x)
        const values = mapRows(held.values, (row) => {
          const sum = row.reduce((total, value) => total + value, 0)
          return sum === 0 ? row : row.map((value) => value / sum)
        })
        return { ...held, values }
      },
    })).map(grossly),
    ...direction(selected, 'inverted', 'the mask inverted', (usual) => ({
      select: (mask, x) => usual.select({ ...mask, kept: mask.kept.map((byte) => 1 - byte) }, x),
    })),
    ...direction(selected.filter(isSquare), 'transposed', 'the mask transposed', (usual) => ({
      select: (mask, x) => {
        const n = mask.shape.at(-1) ?? 1
        const place = (i: number): number => {
          const [column, row] = [i % n, Math.floor(i / n) % n]
          return i - row * n - column + column * n + row
        }
        return usual.select({ ...mask, kept: mask.kept.map((_, i) => mask.kept[place(i)]) }, x)
      },
    })),
    ...direction(selected, 'unmasked', 'the mask left out', (usual) => ({
      select: (mask, x) => usual.select({ ...mask, kept: mask.kept.map(() => 1) }, x),
    })),
  ]
}

function grossly(direction: Direction): Direction {
  return { ...direction, gross: true }
}

/** Whether a call gives square matrices. */
function isSquare({ result }: Call): boolean {
  const [rows, columns] = result.kind === 'sparse' ? result.x.values.shape.slice(-2) : []
  return rows !== undefined && rows === columns
}

/** Whether a question has the tensors that belong to another config. */
function canBeAsked({ equation, tensors }: Question, config: Config): boolean {
  return Object.entries(equation.params).every(
    ([name, spec]) => spec.optional === true || !belongs(spec, config) || tensors.has(`param.${name}`),
  )
}

/** The question asked with other options: the authors' code for the paper's text, or the other way round. */
export const options: Suspects = (tape) => {
  const { config, equation } = tape.question
  const direction = (id: string, says: string, change: Config): Direction => ({
    id: `option/${id}`,
    says,
    run: askedWith(tape, change),
  })
  const chosen = Object.entries(equation.config).flatMap(([key, spec]) =>
    spec.kind !== 'choice'
      ? []
      : spec.choices
          .filter(
            (choice) => choice !== config[key] && canBeAsked(tape.question, { ...config, [key]: choice }),
          )
          .map((choice) =>
            direction(`${key}=${choice}`, `${key} "${choice}" in place of "${config[key]}"`, {
              [key]: choice,
            }),
          ),
  )
  const { budget } = config
  const budgets =
    typeof budget !== 'number'
      ? []
      : [budget - 1, budget + 1]
          .filter((other) => other >= 0)
          .map((other) =>
            direction(`budget=${other}`, `a budget of ${other} in place of ${budget}`, { budget: other }),
          )
  const weights = Object.keys(config).filter((key) => key.startsWith('lambda_'))
  const swapped = weights.flatMap((one, i) =>
    weights
      .slice(i + 1)
      .filter((other) => config[one] !== config[other])
      .map((other) =>
        direction(`${one}<->${other}`, `${one} and ${other} exchanged`, {
          [one]: config[other],
          [other]: config[one],
        }),
      ),
  )
  const single = weights.flatMap((key) =>
    [0, 1]
      .filter((other) => other !== config[key])
      .map((other) =>
        direction(`${key}=${other}`, `${key} = ${other} in place of ${config[key]}`, { [key]: other }),
      ),
  )
  return [...chosen, ...budgets, ...swapped, ...single]
}
