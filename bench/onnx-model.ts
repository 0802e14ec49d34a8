import protobuf from 'protobufjs'
import type { Shape } from '../reference/tensor.ts'

/** The value of an attribute: whole, real, or a list of whole numbers. */
type Attribute = number | { readonly float: number } | readonly number[]

/** One operator of ONNX: `output` from `inputs`, by name. */
export interface OnnxNode {
  readonly operator: string
  readonly inputs: readonly string[]
  readonly output: string
  readonly attributes?: Readonly<Record<string, Attribute>>
}

/** A graph of float32 tensors; nodes in order of computing. */
export interface OnnxGraph {
  readonly inputs: Readonly<Record<string, Shape>>
  readonly nodes: readonly OnnxNode[]
  readonly output: { readonly name: string; readonly shape: Shape }
}

/** As much of ONNX's messages as such a graph needs, with their numbers there (onnx.proto). */
const messages = protobuf.parse(
  `
  syntax = "proto3";
  message ModelProto { int64 ir_version = 1; GraphProto graph = 7; repeated OperatorSetIdProto opset_import = 8; }
  message OperatorSetIdProto { string domain = 1; int64 version = 2; }
  message GraphProto {
    repeated NodeProto node = 1;
    string name = 2;
    repeated ValueInfoProto input = 11;
    repeated ValueInfoProto output = 12;
  }
  message NodeProto {
    repeated string input = 1;
    repeated string output = 2;
    string op_type = 4;
    repeated AttributeProto attribute = 5;
  }
  message AttributeProto { string name = 1; float f = 2; int64 i = 3; repeated int64 ints = 8; int32 type = 20; }
  message ValueInfoProto { string name = 1; TypeProto type = 2; }
  message TypeProto { TensorTypeProto tensor_type = 1; }
  message TensorTypeProto { int32 elem_type = 1; TensorShapeProto shape = 2; }
  message TensorShapeProto { repeated DimensionProto dim = 1; }
  message DimensionProto { int64 dim_value = 1; }
  `,
  { keepCase: true },
).root

/** AttributeProto.AttributeType, and of TensorProto.DataType the one that is used. */
const [FLOAT, INT, INTS] = [1, 2, 7]
const FLOAT32 = 1
/** The operators from LayerNormalization on, and the format of their time. */
const [OPERATORS, FORMAT] = [17, 8]

/** The bytes of an ONNX model. */
export function onnxModel({ inputs, nodes, output }: OnnxGraph): Uint8Array {
  const model = messages.lookupType('ModelProto')
  const fields = {
    ir_version: FORMAT,
    opset_import: [{ domain: '', version: OPERATORS }],
    graph: {
      name: 'bench',
      node: nodes.map(({ operator, inputs: names, output: name, attributes = {} }) => ({
        op_type: operator,
        input: names,
        output: [name],
        attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
      })),
      input: Object.entries(inputs).map(([name, shape]) => declared(name, shape)),
      output: [declared(output.name, output.shape)],
    },
  }
  return model.encode(model.fromObject(fields)).finish()
}

function attribute(name: string, value: Attribute): object {
  if (typeof value === 'number') return { name, i: value, type: INT }
  if ('float' in value) return { name, f: value.float, type: FLOAT }
  return { name, ints: value, type: INTS }
}

function declared(name: string, shape: Shape): object {
  const dim = shape.map((extent) => ({ dim_value: extent }))
  return { name, type: { tensor_type: { elem_type: FLOAT32, shape: { dim } } } }
}
