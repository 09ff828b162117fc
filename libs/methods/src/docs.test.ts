import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Method } from '#contracts/method.js';
import { loadModel } from '#models/load-model.js';
import { startEngine } from '#engine/native/start.js';
import { citations } from './citations.js';
import { methodsPage } from './docs.js';
import { methodOf } from './table.js';

const fixtures = join(__dirname, '..', '..', 'models', 'src', 'fixtures');
const families = {
  BERT: 'bert',
  RoBERTa: 'roberta',
  MPNet: 'mpnet',
  T5: 't5-v1.1',
  BART: 'bart',
  'GPT-2': 'gpt2',
  LLaMA: 'llama',
};

describe('docs/methods.md', () => {
  it('is what npm run docs:methods writes', () => {
    expect(readFileSync(join(__dirname, '../../../docs/methods.md'), 'utf8')).toBe(methodsPage());
  });

  it.each(Object.entries(families))(
    'names %s where peft has a method, and can not carry it there',
    async (family, folder) => {
      await startEngine();
      const model = await loadModel(join(fixtures, folder));
      for (const { shape } of Method.options) {
        const config = Method.parse({ name: shape.name.value });
        const { peft } = methodOf(config);
        if (!peft) continue;
        const isNamed = new RegExp(`\\b${family}\\b`).test(citations[config.name].notPeft ?? '');
        expect([config.name, peft.carries?.(config, model) ?? true]).toEqual([config.name, !isNamed]);
      }
      model.dispose();
    },
  );
});
