import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['{reference,src,property-tests,gpu,bench,mutation/kernels}/**/*.test.ts'],
    testTimeout: 120_000,
    // a driver may crash the process: only the tests of the GPU, one file a process, use it
    env: { TOUCHSTONE_NO_GPU: '1' },
  },
})

export default config
