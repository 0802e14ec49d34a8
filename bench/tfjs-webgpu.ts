import type * as tensorflow from '@tensorflow/tfjs-core'
import type { AdapterReport } from '../gpu/index.ts'
import { browserOn } from './browser.ts'

export type TensorFlow = typeof tensorflow
export type TensorFlowTensor = tensorflow.Tensor

/** tfjs with its WebGPU backend on headless Dawn, on the same adapter as ours. */
export async function tensorflowOn(source: AdapterReport['source']): Promise<TensorFlow> {
  await browserOn(source)
  const tf = await import('@tensorflow/tfjs-core')
  await import('@tensorflow/tfjs-backend-webgpu')
  tf.enableProdMode()
  if (!(await tf.setBackend('webgpu'))) throw new Error('tfjs found no WebGPU')
  return tf
}
