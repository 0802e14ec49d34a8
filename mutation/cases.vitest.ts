import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { inOrder } from './in-order.ts'

/** Last those that fill a header of 100 MB. */
const place = (path: string): number => Number(/cases\/safetensors(-header)?\.test\.ts$/.test(path))

/** What a mutant of the case reader is tried on. */
const config: ViteUserConfig = defineConfig({
  test: {
    root: '.',
    include: ['src/cases/*.test.ts', 'property-tests/safetensors.test.ts'],
    setupFiles: ['mutation/setup.ts'],
    sequence: { sequencer: inOrder(place) },
    testTimeout: 60_000,
  },
})

export default config
