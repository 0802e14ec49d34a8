import { cpus } from 'node:os'

/** A family of comparisons that is run together; `run.ts` lists them. */
export interface Suite {
  readonly name: string
  readonly description: string
  run(): Comparison | Promise<Comparison>
}

/** One way of doing the work. */
export interface Contender {
  readonly name: string
  /** Does the work once; what is on a device is done when the promise is. */
  run(): void | Promise<void>
  /** Times it is measured; default that of the comparison. For those too slow to wait for. */
  readonly rounds?: number
  /** How many times one `run` does the work; once when left out. */
  readonly times?: number
  /** The first contender should be at least this many times as fast. */
  readonly target?: number
}

/** The most that a machine can do. */
export interface Peak {
  /** In the unit of the comparison, per second. */
  readonly rate: number
  /** The share of it that the first contender should reach. */
  readonly target: number
}

export interface Timing {
  readonly name: string
  /** Of the rounds, in milliseconds. */
  readonly median: number
  readonly fastest: number
  readonly slowest: number
  readonly rounds: number
  /** Work per second in the unit of the comparison, by the median. */
  readonly rate: number
  /** How many times as long as the first contender: the median over the rounds, each by its own two times. */
  readonly ratio: number
  /** Between what the ratio is, with 95 % confidence; absent where the rounds are too few to say. */
  readonly between?: readonly [number, number]
  readonly target?: number
}

export interface Comparison {
  readonly title: string
  /** What the rate counts, per second. */
  readonly unit: string
  readonly timings: readonly Timing[]
  readonly peak?: Peak
  /** What it was measured on, where that is no processor. */
  readonly device?: string
}

export interface Settings {
  readonly title: string
  readonly unit: string
  /** Units of work in one run. */
  readonly work: number
  readonly rounds: number
  /** A contender faster than this many milliseconds is run several times a round; default 20. */
  readonly least?: number
  /**
   * What is counted; default `wall`. `processor`, all threads of this process together, is for work that the processor does anyhow
   * on a machine that others use too; it does not see how well the work is spread over cores.
   */
  readonly clock?: Clock
  readonly peak?: Peak
}

export type Clock = 'wall' | 'processor'

/**
 * Times the contenders in rounds, each once a round, so that whatever else the machine does falls on all of them alike;
 * every other round in the opposite order, so that none always comes after the same one.
 * Each is warmed up first, so that the compiler is done with it.
 */
export async function compare(contenders: readonly Contender[], settings: Settings): Promise<Comparison> {
  const { title, unit, work, rounds, least = 20, clock = 'wall', peak } = settings
  const repeats: number[] = []
  for (const contender of contenders) {
    const { times: inOne = 1 } = contender
    repeats.push(Math.max(1, Math.ceil(least / (inOne * (await warmUp(contender))))))
  }
  const times = contenders.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    const inTurn = [...contenders.entries()]
    for (const [i, contender] of round % 2 === 0 ? inTurn : inTurn.toReversed()) {
      if (round < (contender.rounds ?? rounds)) times[i].push(await time(contender, repeats[i], clock))
    }
  }
  const timings = contenders.map(({ name, target }, i) => ({
    name,
    median: median(times[i]),
    fastest: Math.min(...times[i]),
    slowest: Math.max(...times[i]),
    rounds: times[i].length,
    rate: work / (median(times[i]) / 1000),
    ...ratioOf(times[i], times[0]),
    ...(target === undefined ? {} : { target }),
  }))
  return { title, unit, timings, ...(peak === undefined ? {} : { peak }) }
}

/** How many times as long as `first` it takes, of rounds that both were in: whatever slows a round down falls on both. */
export function ratioOf(
  times: readonly number[],
  first: readonly number[],
): Pick<Timing, 'ratio' | 'between'> {
  const rounds = Math.min(times.length, first.length)
  const ratios = Array.from({ length: rounds }, (_, r) => times[r] / first[r]).toSorted((a, b) => a - b)
  const rank = rankOfLimit(rounds)
  const between = rank === undefined ? {} : { between: [ratios[rank], ratios[rounds - 1 - rank]] as const }
  return { ratio: median(ratios), ...between }
}

/**
 * Which of so many values in ascending order, from 0, is a lower limit of their median: the true one is below it in 2.5 % of all
 * cases at most, whatever the values are drawn from (Thompson, 1936).
 */
function rankOfLimit(n: number): number | undefined {
  let below = 0
  let chance = 0.5 ** n
  for (let rank = 0; ; rank++) {
    below += chance
    if (below > 0.025) return rank === 0 ? undefined : rank - 1
    chance *= (n - rank) / (rank + 1)
  }
}

/** Whether every target is met. */
export function held({ timings, peak }: Comparison): boolean {
  const reached = peak === undefined || timings[0].rate >= peak.target * peak.rate
  return reached && timings.every(({ ratio, target = 0 }) => ratio >= target)
}

/** The comparison as lines of text. */
export function format(comparison: Comparison): string {
  const { title, unit, timings, peak } = comparison
  const names = Math.max(...timings.map(({ name }) => name.length))
  const lines = timings.map((timing, i) => {
    const { name, fastest, slowest, rounds, rate, target } = timing
    const range = `${fastest.toFixed(1)} … ${slowest.toFixed(1)}`
    const verdict = target === undefined ? '' : `  target ≥ ${target}×: ${against(target, timing)}`
    return (
      `  ${name.padEnd(names)}  ${rate.toFixed(2).padStart(7)} ${unit}  ${timing.median.toFixed(1).padStart(8)} ms ` +
      `(${range}, ${rounds} rounds)${i === 0 ? shareOf(peak, rate) : `  ${ratioWith(timing)}`}${verdict}`
    )
  })
  return [title, ...lines].join('\n')
}

function ratioWith({ ratio, between }: Timing): string {
  const limits = between?.map((limit) => limit.toFixed(2)).join(' … ')
  return `${ratio.toFixed(2)}×${limits === undefined ? '' : ` (${limits})`}`
}

/** What is said of a target; where it lies between the limits, that these rounds do not tell. */
function against(target: number, { ratio, between = [ratio, ratio] }: Timing): string {
  if (between[0] < target && target < between[1])
    return ratio >= target ? 'held, within the noise' : 'MISSED, within the noise'
  return ratio >= target ? 'held' : 'MISSED'
}

function shareOf(peak: Peak | undefined, rate: number): string {
  if (peak === undefined) return ''
  const [share, target] = [rate / peak.rate, peak.target].map((x) => `${(100 * x).toFixed(0)} %`)
  const verdict = rate >= peak.target * peak.rate ? 'held' : 'MISSED'
  return `  ${share} of ${peak.rate}  target ≥ ${target}: ${verdict}`
}

/** Where the numbers were measured. */
export function machine(): { cpu: string; cores: number; node: string } {
  const cores = cpus()
  return { cpu: cores[0]?.model ?? 'unknown', cores: cores.length, node: process.version }
}

/** Milliseconds of the work once, by several runs. */
async function time(contender: Contender, repeats: number, clock: Clock = 'wall'): Promise<number> {
  const start = read(clock)
  for (let i = 0; i < repeats; i++) {
    const done = contender.run()
    if (done !== undefined) await done
  }
  return (read(clock) - start) / (repeats * (contender.times ?? 1))
}

/** Milliseconds. */
function read(clock: Clock): number {
  if (clock === 'wall') return performance.now()
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Runs it at least three times and for 100 ms, but no more after a second; the milliseconds of the fastest run. */
async function warmUp(contender: Contender): Promise<number> {
  let fastest = Infinity
  let spent = 0
  for (let i = 0; (i < 3 || spent < 100) && spent < 1000; i++) {
    const elapsed = await time(contender, 1)
    fastest = Math.min(fastest, elapsed)
    spent += elapsed * (contender.times ?? 1)
  }
  return fastest
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}
