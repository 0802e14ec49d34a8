import type * as tensorflow from '@tensorflow/tfjs-core'
import { globals } from 'webgpu'
import { createGpu } from '../gpu/device/dawn.ts'
import { swiftShader } from '../gpu/device/swiftshader.ts'
import { provideLoader } from '../gpu/device/vulkan-loader.ts'

export type TensorFlow = typeof tensorflow
export type TensorFlowTensor = tensorflow.Tensor

/** tfjs with its WebGPU backend on headless Dawn, on the same adapter as ours: it looks for a browser, and is given one. */
export async function tensorflowOn(source: 'system' | 'swiftshader'): Promise<TensorFlow> {
  if (source === 'swiftshader') {
    const { manifest, loader } = await swiftShader()
    provideLoader(loader)
    process.env['VK_ICD_FILENAMES'] = manifest
  }
  const gpu = await createGpu(process.platform === 'linux' ? ['backend=vulkan'] : [])
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true })
  // it only asks whether a canvas is one of these
  const browser = [['OffscreenCanvas', function OffscreenCanvas() {}] as const, ...Object.entries(globals)]
  for (const [name, value] of browser) {
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value })
  }
  const tf = await import('@tensorflow/tfjs-core')
  await import('@tensorflow/tfjs-backend-webgpu')
  tf.enableProdMode()
  if (!(await tf.setBackend('webgpu'))) throw new Error('tfjs found no WebGPU')
  return tf
}
