import { sizeOf, type Tensor } from '../../../reference/tensor.ts'
import type { Value } from '../../../reference/evaluator.ts'
import type { Exposed } from '../../arithmetics/recording.ts'
import type { Bounded, BoundedKinds, BoundedMask } from '../bounded/bounded.ts'
import { mayBeZero } from '../noise/choice.ts'
import { SMALLEST_NORMAL } from '../profile/accuracy.ts'

type Exposures = ReadonlyMap<string, Exposed<BoundedKinds>>

/** Masks that go on in place of what was computed, by path. */
export type Masks = ReadonlyMap<string, BoundedMask>

interface Trying {
  /** Evaluates the equation again with other masks. */
  readonly goOn: (masks: Masks) => Exposures
  /** Entries of a tensor whose byte is 0 mean nothing, by these masks: a runtime may show anything there. */
  readonly judged: (path: string, masks: Masks) => Uint8Array | undefined
}

/** Choices tried of the rows that lead to one row of the outputs. */
const MOST = 64

/** What one row of a mask may be: its places in the mask, and the entries that each choice keeps of them. */
interface Row {
  readonly open: readonly number[]
  readonly choices: readonly (readonly number[])[]
}

/**
 * Chooses, where a runtime does not show its mask, the rows that noise leaves open: of all choices that it leaves, up
 * to 64 for each row of what comes of it, those after which the runtime's tensors are nearest to the equation's. The
 * choice of a legal runtime is among them, so that a row may look better than it is, never worse. Only what noise
 * expects is settled: entries that are ambiguous by the bound stay so, and what is proved is proved of all choices.
 * Rows that leave more choices, or in which a score may be an exact zero, stay open.
 * @param computed what the equation gives on the runtime's own upstream
 * @param found what the runtime shows, by path
 * @returns masks that were open, with the rows settled that can be
 */
export function settle(
  computed: Exposures,
  found: ReadonlyMap<string, Value>,
  { goOn, judged }: Trying,
): Masks {
  const settled = new Map<string, BoundedMask>()
  for (const [path, exposed] of computed) {
    if (exposed.kind !== 'mask' || found.has(path) || exposed.x.open?.includes(1) !== true) continue
    const mask = exposed.x
    const groups = groupsOf(mask)
    const tries = [...groups.values()].reduce((most, rows) => Math.max(most, countOf(rows)), 0)
    if (tries < 2) continue
    const fits = Array.from({ length: tries }, (_, i) => {
      const masks: Masks = new Map([...settled, [path, chosenBy(mask, groups, () => i)]])
      return fitsOf(goOn(masks), found, mask, (name) => judged(name, masks))
    })
    settled.set(
      path,
      chosenBy(mask, groups, (group) => best(fits.map((fit) => fit.get(group) ?? 0))),
    )
  }
  return settled
}

/** The rows of the mask that are open and can be settled, by the row of the outputs they lead to: those of all heads together. */
function groupsOf(mask: BoundedMask): Map<number, Row[]> {
  const groups = new Map<number, Row[]>()
  const [m, n, heads] = [mask.shape.at(-1) ?? 1, mask.shape.at(-2) ?? 1, mask.shape.at(-3) ?? 1]
  const many = new Set<number>()
  for (let start = 0; start < mask.data.length; start += m) {
    const open = Array.from({ length: m }, (_, i) => start + i).filter((i) => mask.open?.[i] === 1)
    if (open.length === 0) continue
    const row = start / m
    const group = Math.floor(row / n / heads) * n + (row % n)
    const choices = choicesOf(mask, open)
    groups.set(group, [...(groups.get(group) ?? []), { open, choices: choices ?? [] }])
    if (choices === undefined) many.add(group)
  }
  for (const [group, rows] of groups) if (many.has(group) || countOf(rows) > MOST) groups.delete(group)
  return groups
}

function countOf(rows: readonly Row[]): number {
  return rows.reduce((product, { choices }) => product * choices.length, 1)
}

/** The ways to keep as many of the open entries as truth does; undefined where there are too many, or their number is open too. */
function choicesOf({ data, chosenBy: by }: BoundedMask, open: readonly number[]): number[][] | undefined {
  if (by === undefined || open.some((i) => mayBeZero(by.scores, i))) return undefined
  const kept = open.filter((i) => data[i] === 1).length
  return binomial(open.length, kept) > MOST ? undefined : combinations(open, kept)
}

function binomial(n: number, k: number): number {
  let ways = 1
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i
  return ways
}

function combinations(entries: readonly number[], k: number): number[][] {
  if (k === 0) return [[]]
  return entries.flatMap((entry, i) =>
    combinations(entries.slice(i + 1), k - 1).map((rest) => [entry].concat(rest)),
  )
}

/** The mask with its open rows chosen, each group by the number of its choice. */
function chosenBy(
  mask: BoundedMask,
  groups: ReadonlyMap<number, readonly Row[]>,
  which: (group: number) => number,
): BoundedMask {
  const data = Uint8Array.from(mask.data)
  const open = Uint8Array.from(mask.open ?? data.map(() => 0))
  for (const [group, rows] of groups) {
    let number = which(group) % countOf(rows)
    for (const row of rows) {
      const kept = row.choices[number % row.choices.length]
      number = Math.floor(number / row.choices.length)
      for (const i of row.open) {
        data[i] = Number(kept.includes(i))
        open[i] = 0
      }
    }
  }
  return { ...mask, data, open }
}

/** Σz² of the runtime's tensors by the group that their rows belong to; tensors that do not hang on the mask add the same to every try. */
function fitsOf(
  exposures: Exposures,
  found: ReadonlyMap<string, Value>,
  { shape }: BoundedMask,
  judged: (path: string) => Uint8Array | undefined,
): ReadonlyMap<number, number> {
  const fits = new Map<number, number>()
  for (const [path, value] of found) {
    const truth = exposures.get(path)
    if (value.kind !== 'dense' || truth === undefined || truth.kind === 'mask') continue
    const groupOf = rowsOf(value.tensor, shape)
    if (groupOf === undefined) continue
    const meant = judged(path)
    const width = value.tensor.shape.at(-1) ?? 1
    for (let row = 0; row * width < value.tensor.size; row++) {
      const group = groupOf(row)
      if (group === undefined) continue
      fits.set(group, (fits.get(group) ?? 0) + squares(truth.x, value.tensor, row * width, width, meant))
    }
  }
  return fits
}

/** The group of each row of a tensor: of [.., heads, n, ·] or [.., n, ·] the last rows are the mask's, a class row comes before them. */
function rowsOf(x: Tensor, mask: readonly number[]): ((row: number) => number | undefined) | undefined {
  const [n, heads] = [mask.at(-2) ?? 1, mask.at(-3) ?? 1]
  const own = x.shape.at(-2) ?? 1
  const lead = sizeOf(x.shape.slice(0, -2))
  const batch = sizeOf(mask.slice(0, -3))
  const folded = lead === batch * heads ? heads : lead === batch ? 1 : undefined
  if (folded === undefined || own < n) return undefined
  return (row) => {
    const at = (row % own) - (own - n)
    return at < 0 ? undefined : Math.floor(row / own / folded) * n + at
  }
}

function squares(
  { v, s2 }: Bounded,
  found: Tensor,
  start: number,
  width: number,
  judged: Uint8Array | undefined,
): number {
  let sum = 0
  for (let i = start; i < start + width; i++) {
    if (judged?.[i] === 0 || !(s2.data[i] < Infinity)) continue
    // what is not finite fits nothing; what flushing may cost is no misfit
    const error = Math.abs(found.data[i] - v.data[i]) - SMALLEST_NORMAL
    if (!(error <= 0)) sum += error ** 2 / s2.data[i]
  }
  return Number.isNaN(sum) ? Infinity : sum
}

/** The place of the smallest, the first of equals: truth's own order. */
function best(fits: readonly number[]): number {
  return fits.reduce((least, fit, i) => (fit < fits[least] ? i : least), 0)
}
