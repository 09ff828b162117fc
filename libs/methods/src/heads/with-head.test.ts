import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { Method } from '#contracts/method.js';
import { withMaskToken } from '#models/fixtures/mask-token.js';
import { fixtureFolder, gap } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import type { Model } from '#models/model.js';
import { readSafetensors } from '#models/weights/safetensors.js';
import { loadAdapter, saveAdapter } from '../files/adapter-files.js';
import { saveMerged } from '../files/merged-model.js';
import { batchFor, labels, moved, stackedOf } from '../fixtures/forward.js';
import { cases } from '../fixtures/method-cases.js';
import { countOf } from '../members/shapes.js';
import { stackingOf } from '../members/stacking.js';
import type { Parameters } from '../method.js';
import { methodFor, methodOf } from '../table.js';
import { classify, headOf, initClassifier, poolerOf, withoutHead } from './classifier.js';
import { type Head, textForm } from './form.js';
import { headStates } from './head-states.js';

const head: Head = { outputs: 'labels', of: 'text' };
const families = ['bert', 'roberta', 'mpnet', 't5-v1.1', 'gpt2', 'llama', 'bart'];
const others = [{ name: 'head' }, { name: 'full' }, { name: 'top-layers', layers: 1 }].map((method) => ({
  small: method,
  large: method,
  except: [] as string[],
}));

beforeAll(() => tf.setBackend('cpu'));

/** Outputs of the head for each member's texts, [B, C] a member. */
function outputsOf(model: Model, configs: readonly Method[], members: readonly Parameters[]): tf.Tensor[] {
  const [config] = configs as [Method];
  const method = methodFor(config, { head });
  return tf.tidy(() => {
    const { parameters, constants } = stackedOf(method, { model, configs, members });
    const frozen = method.freeze?.(config, model) ?? model.weights;
    const weights = method.weights(frozen, parameters, config);
    const adaptation = method.adapt({
      config,
      model,
      frozen,
      parameters,
      constants,
      members: members.length,
    });
    const batch = batchFor(members.length, method.reading?.(config, model)?.extra ?? 0);
    return tf.split(
      adaptation.head!(headStates(model, head, { weights, adaptation, batch })),
      members.length,
    );
  });
}

describe.each(families)('a head next to a method on %s', (family) => {
  let model: Model;
  beforeAll(async () => {
    model = await loadModel(fixtureFolder(family));
  });
  afterAll(() => model.dispose());

  const carried = [...cases, ...others].filter((c) => !c.except?.some((name) => family.startsWith(name)));
  const each = carried.filter((c, i) => carried.findIndex((other) => nameOf(other) === nameOf(c)) === i);
  const ofEachForm = ['bert', 't5-v1.1', 'gpt2'].includes(family)
    ? each
    : each.filter((c) => nameOf(c) === 'lora');
  it.each(ofEachForm.map((c) => ({ ...c, title: JSON.stringify(c.small) })))(
    'answers in a gang as alone: $title',
    ({ small, large }) => {
      const whole = ['full', 'top-layers'].includes((small as Method).name);
      const configs = (whole ? [small] : [small, large]).map((c) => Method.parse(c));
      const method = methodFor(configs[0]!, { head });
      tf.tidy(() => {
        const trained = configs.map((config, i) => {
          method.check(config, model);
          const fresh = method.init(config, model, labels, i + 1);
          expect(countOf(method.shapes(config, model, labels))).toBe(sizeOf(fresh));
          return moved(fresh, i + 7);
        });
        const stacking = stackingOf(method, configs, { model, labels });
        const gang = outputsOf(model, configs, trained);
        configs.forEach((config, i) => {
          const [solo] = outputsOf(model, [config], [trained[i]!]);
          expect(solo!.shape).toEqual([3, 3]);
          expect(gap(gang[i]!, Array.from(solo!.dataSync()))).toBeLessThan(2e-5);
          const own = stacking.unstack(stacking.stack(trained), i);
          expect(Object.keys(own)).toEqual(Object.keys(trained[i]!));
          for (const [name, t] of Object.entries(own))
            expect(gap(t, Array.from(trained[i]![name]!.dataSync()))).toBe(0);
        });
      });
    },
  );

  it('begins with the same method as without a head', () => {
    tf.tidy(() => {
      const config = Method.parse({ name: 'lora' });
      const [alone, beside] = [methodOf(config), methodFor(config, { head })].map((m) =>
        m.init(config, model, labels, 3),
      );
      expect(Object.keys(withoutHead(beside!))).toEqual(Object.keys(alone!));
      for (const [name, t] of Object.entries(alone!))
        expect(gap(t, Array.from(beside![name]!.dataSync()))).toBe(0);
      expect(Object.keys(headOf(beside!)).length).toBeGreaterThan(0);
    });
  });

  it.each(['full', 'lora'])(
    'is written with the weights as the class that transformers has for both: %s',
    (name) => {
      const to = mkdtempSync(join(tmpdir(), 'with-head-'));
      tf.tidy(() => {
        const config = Method.parse({ name });
        const parameters = moved(methodFor(config, { head }).init(config, model, labels, 3), 5);
        if (name === 'full') saveAdapter(to, model, { config, parameters, labels, head, backbone: 'b' });
        else saveMerged(to, model, { config, parameters, head, labels });
        const written = JSON.parse(readFileSync(join(to, 'config.json'), 'utf8')) as {
          architectures: string[];
          id2label: object;
        };
        expect(written.id2label).toEqual({ 0: 'cat', 1: 'dog', 2: 'a b' });
        const stems = {
          bert: 'Bert',
          roberta: 'Roberta',
          mpnet: 'MPNet',
          't5-v1.1': 'T5',
          gpt2: 'GPT2',
          llama: 'Llama',
          bart: 'Bart',
        };
        expect(written.architectures).toEqual([
          `${stems[family as keyof typeof stems]}ForSequenceClassification`,
        ]);
        const { out } = textForm(model);
        const { values } = readSafetensors(join(to, 'model.safetensors')).get(`${out}.weight`)!;
        expect(gap(tf.transpose(parameters['classifier.weight']!), Array.from(values))).toBe(0);
      });
      return loadModel(to).then((again) => {
        expect(Object.keys(again.weights).toSorted()).toEqual(Object.keys(model.weights).toSorted());
        again.dispose();
        rmSync(to, { recursive: true });
      });
    },
  );

  it('is read back from the file of a method that peft lacks', () => {
    const to = mkdtempSync(join(tmpdir(), 'with-head-'));
    tf.tidy(() => {
      const config = Method.parse({ name: 'adapter', bottleneck: 2 });
      const parameters = moved(methodFor(config, { head }).init(config, model, labels, 3), 5);
      saveAdapter(to, model, { config, parameters, labels, head, backbone: 'b' });
      const again = loadAdapter(to, model);
      expect(again.head).toEqual(head);
      const values = Array.from(outputsOf(model, [config], [parameters])[0]!.dataSync());
      expect(gap(outputsOf(model, [again.config], [again.parameters])[0]!, values)).toBe(0);
    });
    rmSync(to, { recursive: true });
  });
});

describe('the parts of a head', () => {
  it('begin as the pooler that the checkpoint has, and are drawn where it has none', async () => {
    const [bert, roberta] = [
      await loadModel(fixtureFolder('bert-heads')),
      await loadModel(fixtureFolder('roberta')),
    ];
    tf.tidy(() => {
      const init = (model: Model, seed: number) => initClassifier(textForm(model), model, 3, seed);
      const dense = Array.from(poolerOf(bert)['classifier.dense.weight']!.dataSync());
      expect(gap(init(bert, 1)['classifier.dense.weight']!, dense)).toBe(0);
      const [first, second] = [init(roberta, 1), init(roberta, 2)];
      expect(
        gap(first['classifier.dense.weight']!, Array.from(second['classifier.dense.weight']!.dataSync())),
      ).toBeGreaterThan(0.1);
    });
    for (const model of [bert, roberta]) model.dispose();
  });

  it('drop while training, other values for each member', async () => {
    const model = await loadModel(fixtureFolder('roberta'));
    tf.tidy(() => {
      const form = { ...textForm(model), dropout: 0.5 };
      const parameters = Object.fromEntries(
        Object.entries(initClassifier(form, model, 3, 1)).map(([n, t]) => [n, tf.stack([t, t])]),
      );
      const states = tf.tile(tf.randomUniform([1, model.dModel], -1, 1, 'float32', 1), [2, 1]) as tf.Tensor2D;
      const draws = { seeds: tf.tensor2d([1, 1, 2, 1], [2, 2], 'int32') };
      const [one, two] = tf.split(classify(form, parameters, draws)(states), 2) as [tf.Tensor, tf.Tensor];
      const [plain, same] = tf.split(classify(form, parameters)(states), 2) as [tf.Tensor, tf.Tensor];
      expect(gap(plain, Array.from(same.dataSync()))).toBe(0);
      expect(gap(one, Array.from(two.dataSync()))).toBeGreaterThan(1e-3);
      expect(gap(one, Array.from(plain.dataSync()))).toBeGreaterThan(1e-3);
    });
    model.dispose();
  });

  it('are not next to a {mask}, where a label word would stand', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'masked-'));
    const model = await loadModel(withMaskToken(folder));
    const config = Method.parse({ name: 'p-tuning', length: 1, template: '{text} {prompt} {mask}' });
    expect(() => methodFor(config, { head }).check(config, model)).toThrow(
      'method.template has {mask}, where a label word',
    );
    model.dispose();
    rmSync(folder, { recursive: true });
  });
});

function nameOf({ small }: { small: object }): string {
  return (small as Method).name;
}

const sizeOf = (parameters: Parameters): number =>
  Object.values(parameters).reduce((sum, t) => sum + t.size, 0);
