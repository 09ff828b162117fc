import { Backbone } from './backbone.js';
import { CreateExperiment } from './grid.js';
import { TrialConfig } from './trial.js';

const minimal = {
  stage: 'tune',
  backbone: { name: 'minilm-l6' },
  task: { name: 'wordnet-supersense', train: 1000 },
  method: { name: 'prompt-tuning', length: 20 },
};

describe('TrialConfig', () => {
  it('fills every knob that was left out', () => {
    const config = TrialConfig.parse(minimal);
    expect(config).toMatchObject({
      seed: 1,
      method: { init: 'class-labels' },
      training: { batch: 16, optimizer: { name: 'adamw' } },
    });
  });

  it('refuses a knob that does not exist', () => {
    const { error } = TrialConfig.safeParse({ ...minimal, method: { name: 'prompt-tuning', lenght: 20 } });
    expect(error?.issues[0]).toMatchObject({ code: 'unrecognized_keys', path: ['method'] });
  });

  it('refuses a prompt of length 0', () => {
    const { error } = TrialConfig.safeParse({ ...minimal, method: { name: 'prompt-tuning', length: 0 } });
    expect(error?.issues[0]?.path).toEqual(['method', 'length']);
  });
});

describe('Backbone', () => {
  it('comes from exactly one place', () => {
    expect(Backbone.safeParse({}).error?.issues[0]?.message).toBe(
      'expected exactly one of name, folder, pretrain',
    );
    expect(Backbone.safeParse({ name: 'minilm-l6', folder: '/x' }).success).toBe(false);
  });
});

describe('CreateExperiment', () => {
  it('refuses an axis without values', () => {
    const { error } = CreateExperiment.safeParse({ name: 'x', grids: [{ name: 'g', grid: { seed: [] } }] });
    expect(error?.issues[0]?.path).toEqual(['grids', 0, 'grid', 'seed']);
  });
});
