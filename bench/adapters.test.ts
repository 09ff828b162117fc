import { adapterFamilies, adapterMethods, adapterRows } from './adapter-rows.js';
import { adaptersArguments } from './adapters-arguments.js';
import { type AdapterResult, adaptersTable, type Crossing, failureOf } from './adapters-table.js';

describe('rows', () => {
  const rows = adapterRows();

  it('have every family and every method, and say why nothing is exchanged', () => {
    expect(new Set(rows.map((r) => r.family))).toEqual(new Set(adapterFamilies));
    expect(new Set(rows.map((r) => r.method))).toEqual(new Set(adapterMethods));
    expect(rows.filter((r) => !r.ours && !r.theirs && r.remark === '')).toEqual([]);
  });

  it('say why there is no prefix of ours', () => {
    const prefixes = rows.filter((r) => r.method === 'prefix');
    expect(prefixes.filter((r) => !r.ours).map((r) => r.family)).toEqual([
      't5-v1.0',
      't5-v1.1',
      'bart',
      'mpnet',
    ]);
    expect(prefixes.filter((r) => r.remark !== '')).toEqual(prefixes.filter((r) => !r.ours));
  });
});

describe('arguments', () => {
  it('choose rows', () => {
    const { rows, json } = adaptersArguments(['--json', '--only', 'bert/lora,/qlora']);
    expect(json).toBe(true);
    expect(rows.map((r) => `${r.family}/${r.method}`)).toContain('bert/lora');
    expect(rows.filter((r) => r.method === 'qlora')).toHaveLength(adapterFamilies.length);
    expect(rows).toHaveLength(adapterFamilies.length + 1);
  });

  it.each([
    [['--only', 'bert/prompt-default'], '--only names "bert/prompt-default"'],
    [['--steps', '3'], "Unknown option '--steps'"],
  ])('%j is refused', (args, message) => {
    expect(() => adaptersArguments(args)).toThrow(message);
  });
});

describe('results', () => {
  const result = (toPeft: Crossing, toOurs: Crossing): AdapterResult => ({
    family: 'bert',
    method: 'lora',
    toPeft,
    toOurs,
    remark: 'r',
  });
  const same = { gap: 2e-6, effect: 0.5 };

  it.each<[string, Crossing, Crossing, string | undefined]>([
    ['equal answers', same, same, undefined],
    ['one way only', null, same, undefined],
    ['what peft has not', { refused: 'no such module', by: 'peft' }, same, undefined],
    ['what peft ignores', same, { gap: 0.4, effect: 0 }, undefined],
    [
      'a difference',
      { gap: 2e-4, effect: 0.5 },
      same,
      'bert/lora: peftgrid -> peft: the answers differ by 2.0e-4',
    ],
    ['no number', same, { gap: NaN, effect: 0.5 }, 'bert/lora: peft -> peftgrid: the answers differ by NaN'],
    [
      'what we refuse',
      same,
      { refused: 'no targets', by: 'peftgrid' },
      'bert/lora: peft -> peftgrid: refused, no targets',
    ],
  ])('%s', (_, toPeft, toOurs, failure) => {
    expect(failureOf(result(toPeft, toOurs))).toBe(failure);
  });

  it('are a table', () => {
    const ignored = { gap: 0, effect: 0 };
    const lines = adaptersTable([
      result(same, { refused: 'a | b', by: 'peft' }),
      result(ignored, null),
    ]).split('\n');
    expect(lines.slice(2)).toEqual([
      '| bert | lora | 2.0e-6 | – | r; peft: a / b |',
      '| bert | lora | – | – | r; peft answers as without the adapter |',
    ]);
  });
});
