import { readFileSync } from 'node:fs'
import type { Tensor as OnnxTensor } from 'onnxruntime-web'
import { STORAGE_USAGE } from '../gpu/flags.ts'
import type { AdapterReport } from '../gpu/index.ts'
import type { Tensor } from '../reference/tensor.ts'
import { browserOn } from './browser.ts'
import { onnxModel, type OnnxGraph } from './onnx-model.ts'

/**
 * A graph in onnxruntime-web's WebGPU provider on headless Dawn, on the same adapter as ours. Inputs stay on the device.
 * @returns what computes its output and brings it back
 * @throws Error where any node is not the provider's: nothing may go to the CPU unseen
 */
export async function onnxruntimeOn(
  source: AdapterReport['source'],
  graph: OnnxGraph,
  inputs: readonly Tensor[],
): Promise<() => Promise<Float32Array>> {
  await browserOn(source)
  const { env, InferenceSession: sessions, Tensor: tensors } = await import('onnxruntime-web/webgpu')
  env.wasm.numThreads = 1
  env.wasm.wasmBinary = readFileSync(
    new URL('ort-wasm-simd-threaded.asyncify.wasm', import.meta.resolve('onnxruntime-web/webgpu')),
  )
  env.logLevel = 'error'
  const session = await staying(() =>
    sessions.create(onnxModel(graph), {
      executionProviders: ['webgpu'],
      extra: { session: { disable_cpu_ep_fallback: '1' } },
    }),
  )
  const device = await env.webgpu.device
  const feeds: Record<string, OnnxTensor> = {}
  for (const [i, name] of Object.keys(graph.inputs).entries()) {
    const values = Float32Array.from(inputs[i].data)
    const size = Math.ceil(values.byteLength / 16) * 16
    const buffer = device.createBuffer({ size, usage: STORAGE_USAGE })
    device.queue.writeBuffer(buffer, 0, values)
    feeds[name] = tensors.fromGpuBuffer(buffer, { dataType: 'float32', dims: [...inputs[i].shape] })
  }
  return () =>
    staying(async () => {
      const { data } = (await session.run(feeds))[graph.output.name]
      if (data instanceof Float32Array) return data
      throw new TypeError(`onnxruntime: expected float32, found ${data.constructor.name}`)
    })
}

/** Does the work with a timer running: without one Node may sleep, or end, while only the device is busy. */
async function staying<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => undefined, 1000)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}
