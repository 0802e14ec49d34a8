import { InferenceSession, Tensor } from 'onnxruntime-web'
import { expect, test } from 'vitest'
import { onnxModel } from './onnx-model.ts'

test('onnxruntime reads the model, and computes what it says', async () => {
  const bytes = onnxModel({
    inputs: { x: [2, 3], y: [3] },
    nodes: [
      { operator: 'Constant', inputs: [], output: 'shape', attributes: { value_ints: [3, 2] } },
      { operator: 'Constant', inputs: [], output: 'half', attributes: { value_float: { float: 0.5 } } },
      { operator: 'Add', inputs: ['x', 'y'], output: 'sum' },
      { operator: 'Mul', inputs: ['sum', 'half'], output: 'halves' },
      { operator: 'Reshape', inputs: ['halves', 'shape'], output: 'flat' },
      { operator: 'ReduceSum', inputs: ['flat'], output: 'z', attributes: { keepdims: 0 } },
    ],
    output: { name: 'z', shape: [] },
  })
  const session = await InferenceSession.create(bytes)
  const { z } = await session.run({
    x: new Tensor('float32', [1, 2, 3, 4, 5, 6], [2, 3]),
    y: new Tensor('float32', [10, 20, 30], [3]),
  })
  expect(z.dims).toEqual([])
  expect(z.data).toEqual(Float32Array.of(70.5))
})
