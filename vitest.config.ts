import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['{reference,src,property-tests,gpu,bench}/**/*.test.ts'],
    testTimeout: 120_000,
  },
})

export default config
