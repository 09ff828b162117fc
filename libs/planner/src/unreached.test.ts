import { Method } from '#contracts/method.js';
import { unreached } from './unreached.js';

const bert = { family: 'bert', layers: 6 } as const;
const mpnet = { family: 'mpnet', layers: 12 } as const;
const t5 = { family: 't5', layers: 4 } as const;

describe('unreached', () => {
  it.each([
    [
      { name: 'lora', targets: ['query', 'nothing'] },
      bert,
      'method.targets',
      /^"nothing" is the end of no module.*query, key, value/,
    ],
    [
      { name: 'lora', targets: ['encoder.layer.6.output.dense'] },
      bert,
      'method.targets',
      /encoder\.layer\.6/,
    ],
    [{ name: 'lora', targets: ['query'] }, mpnet, 'method.targets', /q, k, v, o, dense/],
    [{ name: 'ia3', targets: ['uery'] }, bert, 'method.targets', /"uery"/],
    [{ name: 'qlora', targets: ['wi'] }, t5, 'method.targets', /wi_0/],
    [{ name: 'bitfit', terms: ['LayerNorm', 'gate'] }, bert, 'method.terms', /"gate".*LayerNorm/],
    [{ name: 'top-layers', layers: 7 }, bert, 'method.layers', /7 layers, and it has 6/],
    [{ name: 'p-tuning-v2', layers: [2, 4] }, t5, 'method.layers', /\[2, 4\], and it has 4: 0 to 3/],
  ] as const)('names what %j wants of %j and is not there', (method, of, path, message) => {
    expect(unreached(Method.parse(method), of, 'it')).toEqual([
      { path, message: expect.stringMatching(message) as string },
    ]);
  });

  it.each([
    [{ name: 'lora', targets: ['query', 'attention.output.dense', 'encoder.layer.5.output.dense'] }, bert],
    [{ name: 'bitfit', terms: ['query', 'intermediate.dense', 'embeddings.LayerNorm'] }, bert],
    [{ name: 'top-layers', layers: 6 }, bert],
    [{ name: 'lora', targets: ['q', 'intermediate.dense', 'encoder.layer.11.attention.attn.o'] }, mpnet],
    [{ name: 'bitfit', terms: ['q', 'attention.LayerNorm', 'encoder.layer.11.output.LayerNorm'] }, mpnet],
    [{ name: 'p-tuning-v2', layers: [0, 3] }, t5],
    [{ name: 'lora' }, t5],
  ] as const)('says nothing of %j on %j', (method, of) => {
    expect(unreached(Method.parse(method), of, 'it')).toEqual([]);
  });
});
