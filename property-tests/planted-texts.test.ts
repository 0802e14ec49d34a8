import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { withRule, type Arithmetic, type Kinds } from '../reference/arithmetic.ts'
import { packageRoot } from '../src/version.ts'

/** A bug in one file of the reference: its module with something wrong in it. */
interface PlantedText {
  readonly name: string
  /** The file, from `reference/`. */
  readonly file: string
  /** What its exports become. */
  plant(original: Module): Module
  /** An equation or unit whose goldens must show it, and a law that must. */
  readonly golden: string
  readonly law: string
}

type Module = Record<string, (...args: never[]) => unknown>
type Text = <K extends Kinds>(a: Arithmetic<K>, ...rest: readonly unknown[]) => unknown

/** An exported function of which one argument is changed. */
function changing(name: string, at: number, change: (argument: never) => unknown) {
  return (original: Module): Module => ({
    ...original,
    [name]: (...args: unknown[]) =>
      (original[name] as Text)(...(args.with(at, change(args[at] as never)) as Parameters<Text>)),
  })
}

/** ε of a layer's config, whatever was asked. */
const otherEpsilon = (config: { eps: number }): unknown => ({ ...config, eps: 1e-5 })

function reversed<K extends Kinds>(a: Arithmetic<K>, x: K['Dense']): K['Dense'] {
  const n = a.shape(x).at(-1) ?? 1
  return a.concat(
    Array.from({ length: n }, (_, i) => a.slice(x, -1, n - 1 - i, n - i)),
    -1,
  )
}

/** `topK` that keeps the higher column among equals. */
function upward<K extends Kinds>(a: Arithmetic<K>): Arithmetic<K> {
  return withRule(a, {
    topK(x, budget) {
      const row = a.expand(x)
      const mask = a.topK(a.compress(reversed(a, row)), budget)
      const kept = a.expand(a.select(mask, a.exp(a.scale(row, 0))))
      return a.topK(a.compress(reversed(a, kept)), a.shape(row).at(-1) ?? 1)
    },
  })
}

const planted: readonly PlantedText[] = [
  ...(
    [
      ['eq2', 'eq2-global-cross-attention'],
      ['eq3', 'eq3-attention-split'],
    ] as const
  ).map(([name, file]): PlantedText => ({
    name: `transposed concatenation in ${name}`,
    file: `stvit/${file}.ts`,
    plant: changing(name, 0, (a: Arithmetic<Kinds>) =>
      withRule(a, { concat: (xs, axis) => a.concat(xs.toReversed(), axis) }),
    ),
    golden: `stvit/${name}`,
    law: 'semantic-keys-come-first',
  })),
  {
    name: 'swapped residual in eq2',
    file: 'stvit/eq2-global-cross-attention.ts',
    plant: changing('eq2', 3, (config: { residual: string }) => ({
      ...config,
      residual: config.residual === 'S1' ? 'S1+G' : 'S1',
    })),
    golden: 'stvit/eq2',
    law: 'stvit-eq2-leaves-its-residual',
  },
  {
    name: 'wrong window start in eq5',
    file: 'layers/windows.ts',
    plant: (original) => ({
      ...original,
      poolingWindows: (H: number, W: number, ws: number) => {
        const sound = (
          original['poolingWindows'] as (...sizes: number[]) => { height: number; width: number }
        )(H, W, ws)
        const starts = (extent: number, size: number): number[] =>
          Array.from({ length: ws }, (_, i) => Math.min(Math.ceil((i * extent) / ws), extent - size))
        return { ...sound, rows: starts(H, sound.height), columns: starts(W, sound.width) }
      },
    }),
    golden: 'stvit/eq5',
    law: 'windows-start-at-the-floor',
  },
  {
    name: 'wrong key window start in local attention',
    file: 'layers/key-windows.ts',
    plant: (original) => ({
      ...original,
      keyWindows: (extent: number, { w, wk, key_windows }: { w: number; wk: number; key_windows: string }) =>
        Array.from({ length: extent / w }, (_, i) => {
          const start = i * w - Math.ceil((wk - w) / 2)
          if (key_windows === 'centred') return [Math.max(0, start), Math.min(extent, start + wk)]
          const clamped = Math.max(0, Math.min(start, extent - wk))
          return [clamped, clamped + wk]
        }),
    }),
    golden: 'stvit/local-cross-attention',
    law: 'local-attention-is-eq1-in-each-window',
  },
  {
    name: 'wrong bin start in adaptive pooling',
    file: 'layers/adaptive-bins.ts',
    plant: (original) => ({
      ...original,
      adaptiveBins: (H: number, W: number, out: number) => {
        const bins = (extent: number): (readonly [number, number])[] =>
          Array.from({ length: out }, (_, i) => {
            const end = Math.ceil(((i + 1) * extent) / out)
            return [Math.min(Math.ceil((i * extent) / out), end - 1), end]
          })
        return { rows: bins(H), columns: bins(W) }
      },
    }),
    golden: 'stvit/adaptive-max-pooling',
    law: 'adaptive-bins-start-at-the-floor-and-end-at-the-ceiling',
  },
  {
    name: 'ε of 1e-5 in norm1',
    file: 'layers/attention.ts',
    plant: changing('attend', 4, otherEpsilon),
    golden: 'stvit/eq1',
    law: 'default-epsilon-is-one-millionth',
  },
  {
    name: 'ε of 1e-5 in norm2',
    file: 'layers/feed-forward.ts',
    plant: changing('feedForward', 3, otherEpsilon),
    golden: 'stvit/window-recovery',
    law: 'stvit-window-recovery-adds-its-own-epsilon',
  },
  {
    name: 'ε of 1e-5 in the norm of pooling masks',
    file: 'layers/pooling-mask.ts',
    plant: changing('poolingMask', 3, otherEpsilon),
    golden: 'stvit/eq4',
    law: 'stvit-stgm-adds-its-own-epsilon',
  },
  {
    name: 'ε of 1e-5 in the classifier',
    file: 'stvit/classifier.ts',
    plant: changing('classifier', 3, otherEpsilon),
    golden: 'stvit/classifier',
    law: 'stvit-classifier-adds-its-own-epsilon',
  },
  {
    name: 'tie resolved upward in eq3',
    file: 'sparsifiner/eq3-connectivity-mask.ts',
    plant: changing('eq3', 0, upward),
    golden: 'sparsifiner/eq3',
    law: 'kept-scores-outrank-dropped-ones',
  },
]

/** What the law says at the first trial that it does not hold in; undefined if it holds in all. */
async function broken(law: string): Promise<string | undefined> {
  const { laboratory, laws } = await import('../src/laws/index.ts')
  const { float32 } = await import('../reference/float32/index.ts')
  const found = laws.find(({ id }) => id === law)
  if (found === undefined) expect.unreachable(`no law ${law}`)
  for (let seed = 1; seed <= 20; seed++) {
    try {
      found.holds(laboratory(float32()), { seed, largest: 2 + (seed % 8) })
    } catch (error) {
      expect(error).toMatchObject({ name: 'LawBroken' })
      return String(error)
    }
  }
  return undefined
}

/** Why the first golden of the equation does not hold; undefined if all with exact values do. */
async function stale(id: string): Promise<string | undefined> {
  const { readManifest } = await import('../src/goldens/manifest.ts')
  const { verifyGoldens } = await import('../src/goldens/verify.ts')
  const folder = join(packageRoot, 'golden')
  const manifest = readManifest(folder)
  if (manifest === undefined) expect.unreachable('no goldens')
  for (const { golden, verdict, reason } of verifyGoldens(folder, manifest, (wanted) => wanted === id)) {
    if (!golden.startsWith('exact/')) return undefined
    if (verdict === 'fail') return reason
  }
  return undefined
}

afterEach(() => {
  vi.resetModules()
})

test.each(planted.map((bug) => [bug.name, bug] as const))(
  '%s: the goldens and a law notice it, and hold without it',
  async (_, { file, plant, golden, law }) => {
    const path = `../reference/${file}`
    expect(await stale(golden)).toBeUndefined()
    expect(await broken(law)).toBeUndefined()

    vi.resetModules()
    vi.doMock(path, async (original) => plant(await original<Module>()))
    try {
      expect(await stale(golden)).toMatch(/^float64 is .* off: /)
      expect(await broken(law)).toMatch(/^LawBroken: /)
    } finally {
      vi.doUnmock(path)
    }
  },
)
