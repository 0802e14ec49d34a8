import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Test files by place, lowest first: nothing after the first test that fails is waited for. */
export function inOrder(place: (path: string) => number): typeof BaseSequencer {
  return class extends BaseSequencer {
    override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      return Promise.resolve(files.toSorted((a, b) => place(a.moduleId) - place(b.moduleId)))
    }
  }
}
