import { expect, test } from 'vitest'
import { mutantsOf } from './mutants.ts'

const text = `// y = x + 1
struct Shape { count: u32 }

const HALF = 0.5;
@group(0) @binding(1) var<storage, read> x: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= shape.count) { return; } // at the end
  y[id.x] = min(x[id.x] + 1.0, -0.0) * HALF;
  workgroupBarrier();
}
`

test('changes a sign, a comparison, an index, a constant, a barrier; nothing in declarations and comments', () => {
  const mutants = mutantsOf('half', text)
  expect(mutants.map(({ line, from, to }) => `${line}: ${from} → ${to}`)).toEqual([
    '4: 0.5 → 0.505000000',
    '9: .x → .y',
    '9: >= → >',
    '10: .x → .y',
    '10: min( → max(',
    '10: .x → .y',
    '10: + → -',
    '10: 1.0 → 1.01000000',
    '10: 0.0 → 1.0',
    '10: * → /',
    '11: workgroupBarrier(); → ',
  ])
})

test('the text is changed in that place alone', () => {
  for (const { line, from, to, text: mutated } of mutantsOf('half', text)) {
    const [before, after] = [text, mutated].map((one) => one.split('\n'))
    expect(after.filter((_, i) => i !== line - 1)).toEqual(before.filter((_, i) => i !== line - 1))
    expect(after[line - 1]).toHaveLength(before[line - 1].length + to.length - from.length)
  }
})
