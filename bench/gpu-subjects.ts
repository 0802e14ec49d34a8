import type { Arithmetic, Kinds } from '../reference/arithmetic.ts'
import { attend } from '../reference/layers/attention.ts'
import type { Shape } from '../reference/tensor.ts'
import type { OnnxGraph, OnnxNode } from './onnx-model.ts'
import type { TensorFlow, TensorFlowTensor } from './tfjs-webgpu.ts'

/** A computation on some tensors in each library's words. */
export interface Subject {
  readonly name: string
  readonly description: string
  readonly unit: string
  /** Units of work in one run. */
  readonly work: number
  readonly inputs: Readonly<Record<string, Shape>>
  /** The others should take this many times as long, at least. */
  readonly target?: number
  ours<K extends Kinds>(a: Arithmetic<K>, x: readonly K['Dense'][]): K['Dense']
  tensorflow(tf: TensorFlow, x: readonly TensorFlowTensor[]): TensorFlowTensor
  readonly onnx: Pick<OnnxGraph, 'nodes' | 'output'>
}

const EPS = 1e-6

/** DeiT-S: 197 tokens of 384 channels, six heads. */
const [N, C, h] = [197, 384, 6]
const d = C / h

/** The first linear layer of its feed-forward network, without the class token. */
const [n, k, m] = [196, 384, 1536]
const product: Subject = {
  name: 'product',
  description: `product ${n} × ${k} × ${m}`,
  unit: 'GFLOP/s',
  work: (2 * n * k * m) / 1e9,
  inputs: { x: [n, k], y: [k, m] },
  target: 5,
  ours: (a, [x, y]) => a.matmul(x, y),
  tensorflow: (tf, [x, y]) => tf.matMul(x, y),
  onnx: {
    nodes: [{ operator: 'MatMul', inputs: ['x', 'y'], output: 'z' }],
    output: { name: 'z', shape: [n, m] },
  },
}

const softmax: Subject = {
  name: 'softmax',
  description: `softmax of ${h} × ${N} rows of ${N}`,
  unit: 'runs/s',
  work: 1,
  inputs: { x: [h * N, N] },
  target: 5,
  ours: (a, [x]) => a.softmax(x),
  tensorflow: (tf, [x]) => tf.softmax(x),
  onnx: {
    nodes: [{ operator: 'Softmax', inputs: ['x'], output: 'z', attributes: { axis: -1 } }],
    output: { name: 'z', shape: [h * N, N] },
  },
}

const layerNorm: Subject = {
  name: 'layer-norm',
  description: `LayerNorm of ${N} tokens of ${C} channels`,
  unit: 'runs/s',
  work: 1,
  inputs: { x: [N, C], weight: [C], bias: [C] },
  target: 5,
  ours: (a, [x, weight, bias]) => a.layerNorm(x, weight, bias, EPS),
  tensorflow(tf, [x, weight, bias]) {
    const { mean, variance } = tf.moments(x, -1, true)
    return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, EPS))), weight), bias)
  },
  onnx: {
    nodes: [
      {
        operator: 'LayerNormalization',
        inputs: ['x', 'weight', 'bias'],
        output: 'z',
        attributes: { axis: -1, epsilon: { float: EPS } },
      },
    ],
    output: { name: 'z', shape: [N, C] },
  },
}

const PROJECTIONS = ['q', 'k', 'v', 'proj'] as const

const attentionLayer: Subject = {
  name: 'attention-layer',
  description: `an attention layer of ${N} tokens, C = ${C}, h = ${h}, projections and all`,
  unit: 'runs/s',
  work: 1,
  inputs: Object.fromEntries<Shape>([
    ['x', [N, C]],
    ...PROJECTIONS.flatMap((name): [string, Shape][] => [
      [`${name}.weight`, [C, C]],
      [`${name}.bias`, [C]],
    ]),
  ]),
  ours(a, [x, ...params]) {
    const [q, keys, v, proj] = [0, 2, 4, 6].map((i) => ({ weight: params[i], bias: params[i + 1] }))
    // attention alone reads nothing of the feed-forward network
    const layer = { attn: { q, k: keys, v, proj }, ffn: { fc1: q, fc2: q } }
    return attend(a, x, x, layer, { heads: h, eps: EPS })
  },
  tensorflow(tf, [x, ...params]) {
    const linear = (tokens: TensorFlowTensor, i: number): TensorFlowTensor =>
      tf.add(tf.matMul(tokens, params[2 * i], false, true), params[2 * i + 1])
    const [q, keys, v] = [0, 1, 2].map((i) => tf.transpose(tf.reshape(linear(x, i), [N, h, d]), [1, 0, 2]))
    const A = tf.softmax(tf.mul(tf.matMul(q, keys, false, true), 1 / Math.sqrt(d)))
    return linear(tf.reshape(tf.transpose(tf.matMul(A, v), [1, 0, 2]), [N, C]), 3)
  },
  onnx: { nodes: attentionNodes(), output: { name: 'z', shape: [N, C] } },
}

/** In operators of ONNX proper: the `MultiHeadAttention` of onnxruntime-web 1.30 gave other numbers on SwiftShader. */
function attentionNodes(): OnnxNode[] {
  const linear = (x: string, name: string, output: string): OnnxNode => ({
    operator: 'Gemm',
    inputs: [x, `${name}.weight`, `${name}.bias`],
    output,
    attributes: { transB: 1 },
  })
  const node = (operator: string, inputs: readonly string[], output: string): OnnxNode => ({
    operator,
    inputs,
    output,
  })
  const transpose = (x: string, output: string, ...perm: number[]): OnnxNode => ({
    ...node('Transpose', [x], output),
    attributes: { perm },
  })
  const constant = (output: string, attributes: OnnxNode['attributes'] & object): OnnxNode => ({
    ...node('Constant', [], output),
    attributes,
  })
  const heads = (name: string, ...perm: number[]): OnnxNode[] => [
    linear('x', name, `${name}.tokens`),
    node('Reshape', [`${name}.tokens`, 'split'], `${name}.split`),
    transpose(`${name}.split`, name, ...perm),
  ]
  return [
    constant('split', { value_ints: [N, h, d] }),
    constant('merged', { value_ints: [N, C] }),
    constant('factor', { value_float: { float: 1 / Math.sqrt(d) } }),
    ...heads('q', 1, 0, 2),
    ...heads('k', 1, 2, 0),
    ...heads('v', 1, 0, 2),
    node('MatMul', ['q', 'k'], 'products'),
    node('Mul', ['products', 'factor'], 'scores'),
    { ...node('Softmax', ['scores'], 'A'), attributes: { axis: -1 } },
    node('MatMul', ['A', 'v'], 'attended'),
    transpose('attended', 'by token', 1, 0, 2),
    node('Reshape', ['by token', 'merged'], 'heads'),
    linear('heads', 'proj', 'z'),
  ]
}

export const subjects: readonly Subject[] = [product, softmax, layerNorm, attentionLayer]
