import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** What a mutant of the scalar transcriptions is tried on: their numbers' own tests and properties, and goldens made once more. */
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
    testTimeout: 60_000,
  },
})

export default config
