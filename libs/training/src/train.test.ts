import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { AdaptConfig, PretrainConfig } from '#contracts/trial.js';
import { HostRandom } from '#engine/host-random.js';
import { TuneConfig } from '#contracts/trial.js';
import { startEngine } from '#engine/native/start.js';
import { loadAdapter } from '#methods/files/adapter-files.js';
import { fixtureFolder } from '#models/fixtures/reference.js';
import { loadModel } from '#models/load-model.js';
import {
  checkpointOf,
  curveOf,
  folder,
  host,
  outcomeOf,
  removeToys,
  toyConfig,
  toyMember,
} from './fixtures/toy.js';
import { splitPrefix } from './pretrain/prefix-lm.js';
import { TrainingAborted } from './signals.js';
import { train } from './train.js';
import { warmModel } from './warm/warm-models.js';

const prompt = { name: 'prompt-tuning', length: 3 };

beforeAll(async () => {
  process.env['PEFTGRID_STEP'] = 'graph';
  await startEngine({ threads: 2, device: 'cpu' });
});
afterAll(removeToys);

describe('train', () => {
  it('stops within one step of being told', async () => {
    const members = [toyMember(toyConfig('bert', prompt, { training: { steps: 1000 } }))];
    let steps = 0;
    let aborted = false;
    const signal = { cancelled: () => false, get aborted() { return aborted; } }; // prettier-ignore
    const run = train(members, signal, host);
    const untilTheEnd = async () => {
      for (let next = await run.next(); !next.done; next = await run.next()) {
        if (next.value.type === 'metrics' && ++steps === 3) aborted = true;
      }
    };
    await expect(untilTheEnd()).rejects.toBeInstanceOf(TrainingAborted);
    expect(steps).toBe(3);
  });

  it('stops early by validation alone, and tests what validation chose', async () => {
    const still = {
      training: { evaluateEvery: 1, patience: 2, optimizer: { name: 'sgd', learningRate: 1e-12 } },
    };
    const member = toyMember(toyConfig('bert', prompt, still));
    const { verdicts } = await outcomeOf([member]);
    expect(verdicts[0]).toMatchObject({ verdict: 'succeeded', summary: { bestStep: 1, steps: 3 } });

    const config = toyConfig('bert', { name: 'head' }, { training: { steps: 30, evaluateEvery: 3 } });
    const flipped = join(folder, 'flipped.jsonl');
    const rows = readFileSync((config.task as { path: string }).path, 'utf8')
      .split('\n')
      .slice(0, 20);
    const swap = (y: string) => (y === 'cat' ? 'dog' : 'cat');
    writeFileSync(
      flipped,
      rows
        .map((r) => JSON.parse(r) as { text: string; y: string })
        .map((r) => JSON.stringify({ ...r, y: swap(r.y) }))
        .join('\n'),
    );
    const straight = join(folder, 'straight.jsonl');
    writeFileSync(straight, rows.join('\n'));
    const summaries = [];
    for (const testPath of [straight, flipped]) {
      const task = { ...config.task, testPath };
      const [verdict] = (await outcomeOf([toyMember({ ...config, task } as typeof config)])).verdicts;
      if (verdict?.verdict !== 'succeeded') throw new Error(JSON.stringify(verdict));
      summaries.push(verdict.summary);
    }
    expect(summaries[0]!.bestStep).toBe(summaries[1]!.bestStep);
    expect(summaries[0]!.validation).toEqual(summaries[1]!.validation);
    expect(summaries[0]!.test['accuracy']! + summaries[1]!.test['accuracy']!).toBeCloseTo(1);
  });

  it.each([
    [
      'an unknown backbone',
      { backbone: { name: 'bert-enormous' } },
      'backbone.name "bert-enormous" is unknown',
    ],
    ['a missing file', { task: { path: '/nowhere.csv' } }, '/nowhere.csv'],
    [
      'a prompt beyond the positions',
      { method: { ...prompt, length: 40, init: 'random' } },
      'method.length is 40',
    ],
    [
      'a prompt that leaves the text no positions',
      { method: { ...prompt, length: 11, init: 'random' } },
      'and the model has 12',
    ],
    ['decoding without a decoder', { task: { answer: { by: 'decoding' } } }, 'task.answer.by'],
    [
      'a decoder without room for prompt, text and answer',
      {
        backbone: { folder: fixtureFolder('gpt2') },
        method: { ...prompt, length: 12, init: 'random' },
        task: { answer: { by: 'decoding' } },
      },
      '12 virtual tokens, texts of up to 8 tokens and 5 tokens behind them need 25 positions, and the model has 24',
    ],
    [
      'label words of the same tokens',
      { task: { labelWords: { cat: 'mat', dog: 'mat ' } } },
      'the label words "mat" (label "cat") and "mat " (label "dog") are the same tokens',
    ],
    ['a folder without a model', { backbone: { folder: '/nowhere' } }, '/nowhere has no config.json'],
  ])('calls %s invalid, by name', async (_what, change, message) => {
    const config = toyConfig('bert', prompt);
    const merged = { ...config, ...change, task: { ...config.task, ...(change as { task?: object }).task } };
    const { verdicts } = await outcomeOf([toyMember(TuneConfig.parse(merged))]);
    expect(verdicts[0]).toMatchObject({
      verdict: 'failed',
      cause: 'invalid',
      message: expect.stringContaining(message) as string,
    });
  });

  it.each([
    ['bert', { ...prompt, length: 5 }, 7], // of 12 positions
    ['bart', { ...prompt, length: 13 }, 7], // of 20
    ['bart', { ...prompt, length: 13, place: 'encoder-and-decoder' }, 7],
  ])('trains on %s what needs its last position, whatever is padded', async (family, method, maxLength) => {
    const { verdicts } = await outcomeOf([toyMember(toyConfig(family, method, { task: { maxLength } }))]);
    expect(verdicts[0]).toMatchObject({ verdict: 'succeeded' });
  });

  it.each(['gpt2', 'llama'])(
    'teaches %s to write the label words, and reads the longer ones token by token',
    async (family) => {
      const task = { labelWords: { cat: 'mats', dog: 'ran' } };
      const training = { steps: 60, batch: 16, optimizer: { name: 'adamw', learningRate: 0.01 } };
      const results = [];
      for (const by of ['decoding', 'label-words']) {
        const member = toyMember(
          toyConfig(family, { name: 'full' }, { training, task: { ...task, answer: { by } } }),
        );
        const [verdict] = (await outcomeOf([member])).verdicts;
        if (verdict?.verdict !== 'succeeded') throw new Error(JSON.stringify(verdict));
        results.push(verdict.summary);
      }
      for (const { test, references } of results) {
        expect(test['accuracy']).toBeGreaterThan(0.9);
        expect(Object.keys(references)).toEqual(['majority', 'naive-bayes', 'zero-shot']);
        expect(references['zero-shot']).toBeLessThan(0.9);
      }
      expect(results[0]!.references['zero-shot']).toBe(0); // untaught, it writes something else
    },
    60_000,
  );

  it.each<[string, object]>([
    ['initialisation', { method: { ...prompt, init: 'random' } }],
    ['length', { method: { ...prompt, length: 4 } }],
    ['learning rate', { training: { optimizer: { name: 'adamw', learningRate: 0.03 } } }],
    ['optimizer', { training: { optimizer: { name: 'adafactor', learningRate: 0.02 } } }],
    ['schedule', { training: { schedule: { name: 'linear', warmup: 3 } } }],
    ['clipping', { training: { clipNorm: 1e-3, optimizer: { name: 'sgd', learningRate: 1 } } }],
    ['batch', { training: { batch: 5 } }],
    ['accumulation', { training: { accumulation: 2 } }],
    ['weight decay', { training: { optimizer: { name: 'adamw', learningRate: 0.02, weightDecay: 0.5 } } }],
  ])('heeds the knob %s', async (_knob, change) => {
    const plain = toyMember(toyConfig('bert', prompt));
    const other = toyMember(toyConfig('bert', (change as { method?: object }).method ?? prompt, change));
    const curves = [curveOf(await outcomeOf([plain]), plain), curveOf(await outcomeOf([other]), other)];
    expect(curves[1]).toHaveLength(12);
    expect(curves[1]).not.toEqual(curves[0]);
  });

  it('compiles nothing for a second trial of the same shape', async () => {
    const config = toyConfig('bert', prompt, { training: { batch: 6 } });
    await outcomeOf([toyMember(config)]);
    const other = toyConfig('bert', { ...prompt, init: 'random' }, { training: { batch: 6 } });
    const [verdict] = (await outcomeOf([toyMember(other)])).verdicts;
    expect(verdict).toMatchObject({ summary: { compileSeconds: 0 } });
  });

  it('writes an adapter that it reads back the same', async () => {
    const member = toyMember(toyConfig('t5-v1.1', prompt));
    const at = checkpointOf(await outcomeOf([member]), member, 'adapter');
    const written = JSON.parse(readFileSync(join(at, 'adapter_config.json'), 'utf8')) as object;
    expect(written).toMatchObject({
      peft_type: 'PROMPT_TUNING',
      task_type: 'SEQ_2_SEQ_LM',
      num_virtual_tokens: 3,
      token_dim: 16,
    });
    const { config, parameters } = loadAdapter(at, await warmModel(fixtureFolder('t5-v1.1')));
    expect(config).toMatchObject({ name: 'prompt-tuning', length: 3 });
    expect(parameters['prompt']!.shape).toEqual([3, 16]);
    tf.dispose(parameters);
  });
});

describe('pretraining and adaptation', () => {
  const text = join(folder, 'text.txt');
  writeFileSync(
    text,
    Array.from({ length: 60 }, (_, i) => `the cat sat on a mat the dog ran ${'a cat '.repeat(i % 9)}`).join(
      '\n',
    ),
  );
  const stage = {
    corpus: { sources: [{ path: text }] },
    batch: 4,
    length: 16,
    optimizer: { name: 'adamw', learningRate: 0.01 },
  };
  const adaptation = AdaptConfig.parse({
    stage: 'adapt',
    backbone: { folder: fixtureFolder('t5-v1.1') },
    adapt: { ...stage, steps: 12 },
    checkpoints: [4, 12],
  });

  it('adapts, leaves its weights at the steps asked for, and goes on from a resume state as if nothing had been', async () => {
    host.resumeEvery = 0;
    try {
      const whole = toyMember(adaptation);
      const first = await outcomeOf([whole]);
      const kept = first.events.flatMap((e) =>
        e.type === 'checkpoint' && e.kind === 'backbone' ? [e.step] : [],
      );
      expect(kept).toEqual([4, 12]);
      const resumed = toyMember(adaptation, checkpointOf(first, whole, 'resume', 5));
      const rest = await outcomeOf([resumed]);
      expect(curveOf(rest, resumed)).toEqual(curveOf(first, whole));
      const last = [checkpointOf(first, whole, 'backbone', 12), checkpointOf(rest, resumed, 'backbone', 12)];
      const [a, b] = last.map((at) => readFileSync(join(at, 'model.safetensors')));
      expect(a!.equals(b!)).toBe(true);
    } finally {
      delete host.resumeEvery;
    }
  }, 60_000);

  it('calls a corpus or a folder that can teach nothing invalid: to try again would not help', async () => {
    const short = join(folder, 'short.txt');
    writeFileSync(short, 'a\n'.repeat(40));
    const adapt = { ...adaptation.adapt, corpus: { sources: [{ path: short }] } };
    const broken = { ...adaptation.backbone, folder: join(folder, 'no-model') };
    mkdirSync(broken.folder);
    for (const [change, message] of [
      [{ adapt }, /no document of the corpus has two tokens/],
      [{ backbone: broken }, /no-model has no config.json/],
    ] as const) {
      const { verdicts } = await outcomeOf([toyMember({ ...adaptation, ...change })]);
      expect(verdicts[0]).toMatchObject({
        verdict: 'failed',
        cause: 'invalid',
        message: expect.stringMatching(message),
      });
    }
  });

  it('pretrains a model that others load', async () => {
    const size = { family: 't5', dModel: 16, dKv: 4, dFf: 16, layers: 1, heads: 2 };
    const member = toyMember(
      PretrainConfig.parse({
        stage: 'pretrain',
        pretrain: { ...stage, size, tokenizer: fixtureFolder('t5-v1.1'), steps: 3, noiseDensity: 0.2 },
        checkpoints: [3],
      }),
    );
    const outcome = await outcomeOf([member]);
    expect(outcome.verdicts[0]).toMatchObject({ verdict: 'succeeded' });
    const at = checkpointOf(outcome, member, 'backbone', 3);
    expect(existsSync(at)).toBe(true);
    (await loadModel(at)).dispose();
    rmSync(at, { recursive: true });
  }, 60_000);

  it('cuts a text in two without losing or repeating a token', () => {
    const random = new HostRandom(1, 'test');
    for (let n = 2; n < 40; n++) {
      const words = Array.from({ length: n }, (_, i) => 10 + i);
      const { inputs, targets } = splitPrefix(words, { length: 16, endId: 1 }, random)!;
      expect([inputs.at(-1), targets.at(-1)]).toEqual([1, 1]);
      const joined = [...inputs.slice(0, -1), ...targets.slice(0, -1)];
      expect(joined).toEqual(words.slice(joined[0]! - 10, joined[0]! - 10 + joined.length));
      expect(joined).toHaveLength(Math.min(n, 15));
      expect(Math.min(inputs.length, targets.length)).toBeGreaterThan(1);
    }
    expect(splitPrefix([5], { length: 16, endId: 1 }, random)).toBeNull();
  });
});
