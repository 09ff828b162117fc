import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { matrixShape, npyHeader, npyValues, promptTensor } from './npy.js';

const fixture = JSON.parse(readFileSync(join(__dirname, 'fixtures/npy.json'), 'utf8')) as {
  shape: number[];
  values: number[];
  files: Record<string, string>;
};
const fileOf = (name: string): Uint8Array => Buffer.from(fixture.files[name]!, 'base64');

it.each(['float32', 'float64', 'version 2', 'version 3'])('reads what numpy has written: %s', (name) => {
  const header = npyHeader(fileOf(name));
  expect(matrixShape(header.shape)).toEqual(fixture.shape);
  expect(Array.from(npyValues(fileOf(name), header))).toEqual(fixture.values);
});

it.each([
  ['fortran', 'it is in Fortran order'],
  ['int64', 'it is of type <i8; expected <f4 or <f8'],
  ['big-endian', 'it is of type >f4'],
])('refuses %s by what it is', (name, message) => {
  expect(() => npyValues(fileOf(name), npyHeader(fileOf(name)))).toThrow(message);
});

it('refuses what is cut or no array, and what is no matrix', () => {
  const file = fileOf('float32');
  expect(() => npyHeader(Buffer.from('PK'))).toThrow('it does not begin as a .npy file does');
  expect(() => npyHeader(file.subarray(0, 40))).toThrow('its header is cut');
  expect(() => npyValues(file.subarray(0, -1), npyHeader(file))).toThrow('47 bytes of values; expected 48');
  expect(() => matrixShape(npyHeader(fileOf('vector')).shape)).toThrow('it is of shape [4]; expected');
});

it('finds the prompt of several tensors by its name alone', () => {
  expect(promptTensor(['anything'])).toBe('anything');
  expect(promptTensor(['a', 'prompt_embeddings'])).toBe('prompt_embeddings');
  expect(() => promptTensor(['a', 'b'])).toThrow('it holds a, b; expected one tensor');
});
