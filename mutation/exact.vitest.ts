import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** What a mutant of the scalar transcriptions is tried on: their numbers' own tests, and goldens made once more. */
const config: ViteUserConfig = defineConfig({
  test: {
    root: '.',
    include: ['mutation/exact/*.test.ts', 'reference/exact/**/*.test.ts'],
    testTimeout: 60_000,
  },
})

export default config
