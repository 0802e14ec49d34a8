import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** What a mutant of the case reader is tried on. */
const config: ViteUserConfig = defineConfig({
  test: {
    root: '.',
    include: ['src/cases/*.test.ts', 'property-tests/safetensors.test.ts'],
    setupFiles: ['mutation/setup.ts'],
    testTimeout: 60_000,
  },
})

export default config
