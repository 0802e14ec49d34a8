import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Last what takes longest to load, since the first test that fails is the only one that is waited for. */
const LATE = ['special-functions.test.ts', 'product.test.ts', 'sparse-products.test.ts']

class QuickFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      if (moduleId.endsWith('mutation/goldens.test.ts')) return 0
      if (LATE.some((name) => moduleId.endsWith(`/${name}`))) return 3
      return moduleId.endsWith('mutation/laws.test.ts') ? 2 : 1
    }
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
    sequence: { sequencer: QuickFirst },
    testTimeout: 20_000,
  },
})

export default config
