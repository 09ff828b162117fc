/** What of an ONNX file tells its weights: initializers, and which operation reads which. Nothing is run. */
import protobuf from 'protobufjs';
import { readFileSync } from 'node:fs';
import type { StoredTensor } from '../weights/safetensors.js';

export interface OnnxNode {
  operation: string; // "MatMul", "Add"
  inputs: string[];
  outputs: string[];
}

export interface OnnxGraph {
  nodes: OnnxNode[];
  initializers: Map<string, StoredTensor>; // float32
}

/** The fields of onnx.proto that are read, by their numbers there; the decoder passes over all others. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Model { Graph graph = 7; }
  message Graph { repeated Node node = 1; repeated Tensor initializer = 5; }
  message Node { repeated string input = 1; repeated string output = 2; string op_type = 4; }
  message Tensor {
    repeated uint64 dims = 1;
    int32 data_type = 2;
    repeated float float_data = 4;
    string name = 8;
    bytes raw_data = 9;
    int32 data_location = 14;
  }
`);

interface Decoded {
  graph?: { node: { input: string[]; output: string[]; opType: string }[]; initializer: DecodedTensor[] };
}

interface DecodedTensor {
  dims: { toString(): string }[]; // integers of 64 bits
  dataType: number;
  floatData: number[];
  name: string;
  rawData: Uint8Array;
  dataLocation: number;
}

/** Throws an Error that names the file and what of it is wrong: no ONNX, no graph, an initializer that is no
 *  float32, that lies in another file, or that has not the bytes of its shape. */
export function readOnnx(path: string): OnnxGraph {
  const fail = (what: string): never => {
    throw new Error(`${path} ${what}`);
  };
  const { graph } = decoded(path, fail);
  if (!graph?.initializer.length) return fail('is no ONNX file with weights');
  return {
    nodes: graph.node.map(({ input, output, opType }) => ({
      operation: opType,
      inputs: input,
      outputs: output,
    })),
    initializers: new Map(graph.initializer.map((tensor) => [tensor.name, floats(tensor, fail)])),
  };
}

function decoded(path: string, fail: (what: string) => never): Decoded {
  try {
    return root.lookupType('Model').decode(readFileSync(path)) as Decoded;
  } catch (error) {
    return fail(`is no ONNX file: ${(error as Error).message}`);
  }
}

const float32 = 1; // TensorProto.FLOAT

function floats(tensor: DecodedTensor, fail: (what: string) => never): StoredTensor {
  const { name, dataType, dataLocation, rawData, floatData } = tensor;
  const shape = tensor.dims.map((size) => Number(size.toString()));
  const count = shape.reduce((a, b) => a * b, 1);
  if (dataType !== float32) fail(`has ${name} of data type ${dataType}; expected ${float32}, float32`);
  if (dataLocation !== 0) fail(`has the values of ${name} in another file`);
  const size = rawData.length > 0 ? rawData.length : 4 * floatData.length;
  if (size !== 4 * count) fail(`has ${size} bytes of ${name} [${shape.join(', ')}]; expected ${4 * count}`);
  if (rawData.length === 0) return { shape, values: Float32Array.from(floatData) };
  const { buffer } = Uint8Array.from(rawData); // a copy, whose floats lie on multiples of four bytes
  return { shape, values: new Float32Array(buffer) };
}
