import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixtureFolder } from '../fixtures/reference.js';
import { readSafetensors } from '../weights/safetensors.js';
import { namedWeights } from './named-weights.js';
import { type OnnxGraph, readOnnx } from './onnx.js';

const path = join(fixtureFolder('onnx'), 'bert.onnx');
const folder = mkdtempSync(join(tmpdir(), 'onnx-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('gives the weights that were exported, linear maps included, bit by bit', () => {
  const weights = namedWeights(readOnnx(path), 'auto_model.');
  const exported = readSafetensors(join(fixtureFolder('bert'), 'model.safetensors'));
  expect([...weights.keys()].toSorted()).toEqual([...exported.keys()].toSorted());
  for (const [name, { shape, values }] of exported)
    expect([name, weights.get(name)]).toEqual([name, { shape, values }]);
});

describe('a file that is none', () => {
  const made = (bytes: Uint8Array): string => {
    const file = join(folder, 'made.onnx');
    writeFileSync(file, bytes);
    return file;
  };

  it('is named, whether it is cut off, empty or something else', () => {
    const bytes = readFileSync(path);
    expect(() => readOnnx(made(bytes.subarray(0, 30_000)))).toThrow(/made.onnx is no ONNX file: /);
    expect(() => readOnnx(made(new Uint8Array(0)))).toThrow(/made.onnx is no ONNX file with weights/);
    expect(() => readOnnx(made(readFileSync(join(fixtureFolder('bert'), 'config.json'))))).toThrow(
      /made.onnx is no ONNX file/,
    );
  });

  it.each([
    ['of another type', { tag: 0x10, value: 7 }, 'has w of data type 7; expected 1, float32'],
    ['in another file', { tag: 0x70, value: 1 }, 'has the values of w in another file'],
    ['of another size', { tag: 0x08, value: 3 }, 'has 8 bytes of w [2, 3]; expected 24'],
  ])('is named with an initializer %s', (_what, { tag, value }, message) => {
    // dims, type, "w", raw data
    const tensor = [0x08, 2, 0x10, 1, 0x42, 1, 0x77, 0x4a, 8, 0, 0, 0, 0, 0, 0, 0, 0, tag, value];
    const graph = [0x2a, tensor.length, ...tensor];
    expect(() => readOnnx(made(Uint8Array.from([0x3a, graph.length, ...graph])))).toThrow(message);
  });
});

describe('weights that have no name', () => {
  const { nodes, initializers } = readOnnx(path);
  const named =
    (graph: Partial<OnnxGraph>, prefix = 'auto_model.') =>
    () =>
      namedWeights({ nodes, initializers, ...graph }, prefix);

  it('are told', () => {
    expect(named({}, 'model.')).toThrow(/the initializer auto_model.embeddings\S+ is none of model.\*/);
    const noAdd = nodes.filter((n) => n.operation !== 'Add');
    expect(named({ nodes: noAdd })).toThrow(/the linear map of onnx::MatMul_\d+ adds no bias/);
    const twice = new Map([
      ...initializers,
      ['auto_model.encoder.layer.0.output.dense.weight', { shape: [1], values: new Float32Array(1) }],
    ]);
    expect(named({ initializers: twice })).toThrow(
      'two initializers are the weight encoder.layer.0.output.dense.weight',
    );
  });
});
