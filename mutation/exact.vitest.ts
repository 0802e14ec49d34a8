import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { inOrder } from './in-order.ts'

/** The numbers' own tests, then goldens, last what evaluates much. */
function place(path: string): number {
  if (/(?:cost|certain|decisions|exact-bounds)\.test\.ts$/.test(path)) return 2
  return path.endsWith('mutation/exact/goldens.test.ts') ? 1 : 0
}

/** What a mutant of the scalar transcriptions is tried on: the numbers' tests and properties, and goldens made again. */
const config: ViteUserConfig = defineConfig({
  test: {
    root: '.',
    include: [
      'mutation/exact/*.test.ts',
      'reference/exact/**/*.test.ts',
      'property-tests/exact-bounds.test.ts',
      'property-tests/exact-rounding.test.ts',
    ],
    setupFiles: ['mutation/setup.ts'],
    sequence: { sequencer: inOrder(place) },
    testTimeout: 60_000,
  },
})

export default config
