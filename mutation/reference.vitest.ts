import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { inOrder } from './in-order.ts'

/** First what is quick to load and says most. */
function place(path: string): number {
  if (/\/(special-functions|rowwise|naive-loops)\.test\.ts$/.test(path)) return 4
  if (path.endsWith('mutation/laws.test.ts')) return 3
  if (path.includes('/float32/')) return 0
  return path.endsWith('mutation/goldens.test.ts') ? 1 : 2
}

/** What a mutant of `reference/` is tried on: the quick tests beside the code, goldens and laws. */
const config: ViteUserConfig = defineConfig({
  test: {
    root: '.',
    include: [
      'mutation/*.test.ts',
      'reference/float32/*.test.ts',
      'reference/*.test.ts',
      'src/catalogue/*.test.ts',
    ],
    setupFiles: ['mutation/setup.ts'],
    sequence: { sequencer: inOrder(place) },
    testTimeout: 20_000,
  },
})

export default config
