import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** What a mutant of `reference/` is tried on: the quick tests beside the code, goldens and laws. */
const config: ViteUserConfig = defineConfig({
  test: {
    root: '.',
    include: [
      'mutation/*.test.ts',
      'reference/float32/*.test.ts',
      'reference/layers/*.test.ts',
      'reference/*.test.ts',
      'src/catalogue/*.test.ts',
    ],
    testTimeout: 20_000,
  },
})

export default config
