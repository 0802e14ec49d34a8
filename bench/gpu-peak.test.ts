import { describe, expect, test, vi } from 'vitest'
import { hasGpu } from '../gpu/testing.ts'
import { markdown } from './gpu-peak-table.ts'
import type { Comparison } from './suite.ts'

vi.stubEnv('TOUCHSTONE_BENCH_SMOKE', '1')
const { gpuPeakSuites } = await import('./gpu-peak.ts')

const there = await hasGpu()

/** All but `verify`, which has tests of its own. */
const suites = gpuPeakSuites.filter(({ name }) => name !== 'gpu-peak-verify')

describe.skipIf(!there)('what a GPU reaches, at tiny sizes', () => {
  test.each(suites)('$name', { timeout: 300_000 }, async ({ run }) => {
    const { timings, device } = await run()
    expect(device).toMatch(/kernels (scalar|workgroup)/)
    expect(timings.length).toBeGreaterThan(0)
    for (const { median, rate } of timings) {
      expect(median).toBeGreaterThan(0)
      expect(rate).toBeGreaterThan(0)
    }
  })
})

test('the table has a row for each way, its share of the peak, and whether it reached its target', () => {
  const timing = { fastest: 1, slowest: 1, rounds: 9 }
  const comparisons: Comparison[] = [
    {
      title: 'a product',
      unit: 'TFLOP/s',
      timings: [{ ...timing, name: 'tiled', median: 1.2345, rate: 30, ratio: 1 }],
      peak: { rate: 60, target: 0.4 },
      device: 'abacus (beads)',
    },
    {
      title: 'attention',
      unit: 'runs/s',
      timings: [
        { ...timing, name: 'fused', median: 1, rate: 1000, ratio: 1 },
        { ...timing, name: 'unfused', median: 1.5, rate: 667, ratio: 1.5, target: 2 },
      ],
      device: 'abacus (beads)',
    },
  ]
  expect(markdown(comparisons, new Date('2026-11-21T23:00:00Z'))).toBe(
    [
      'Measured on 2026-11-21 on abacus (beads), medians.',
      '',
      '| work      | way     | time    | rate         | reached    | target      |',
      '| --------- | ------- | ------- | ------------ | ---------- | ----------- |',
      '| a product | tiled   | 1.23 ms | 30 TFLOP/s   | 50 % of 60 | 40 %: held  |',
      '| attention | fused   | 1 ms    | 1,000 runs/s |            |             |',
      '|           | unfused | 1.5 ms  | 667 runs/s   | 1.50 ×     | 2 ×: missed |',
    ].join('\n'),
  )
})
