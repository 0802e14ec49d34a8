import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** First what is quick to load and says most, since nothing after the first test that fails is waited for. */
function place({ moduleId }: TestSpecification): number {
  if (moduleId.endsWith('/special-functions.test.ts')) return 4
  if (moduleId.endsWith('mutation/laws.test.ts')) return 3
  if (moduleId.includes('/float32/')) return 0
  return moduleId.endsWith('mutation/goldens.test.ts') ? 1 : 2
}

class QuickFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files.toSorted((a, b) => place(a) - place(b)))
  }
}

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
    setupFiles: ['mutation/setup.ts'],
    sequence: { sequencer: QuickFirst },
    testTimeout: 20_000,
  },
})

export default config
