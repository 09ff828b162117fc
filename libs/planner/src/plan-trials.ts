import type { Adapt, Backbone, Pretrain } from '#contracts/backbone.js';
import {
  type AdaptConfig,
  evaluatedBy,
  type PretrainConfig,
  sourceOf,
  type TrialConfig,
  type TuneConfig,
} from '#contracts/trial.js';
import type { Addresses } from './addresses.js';
import { gangKey } from './gang-key.js';
import type { PlannedCell, PlannedTrial } from './planned.js';
import { hashOf, trialKey } from './trial-key.js';

/** The distinct trials of these cells with those they start from: pretrain -> adapt -> tune -> tune, or
 *  evaluate. One adaptation serves every step count that cells ask of it, as a constant learning rate
 *  allows. */
export function* planTrials(
  cells: readonly PlannedCell[],
  addresses: Addresses,
): Generator<void, PlannedTrial[]> {
  const tuned = new Map(cells.map((c) => [c.trialKey, c.config]));
  const adaptLineage = (backbone: Backbone) => lineageOfAdapt(addresses.addressedBackbone(backbone));
  const pretrainLineage = (pretrain: Pretrain) =>
    lineageOfPretrain(addresses.addressedBackbone({ pretrain }).pretrain!);
  const pretraining = new Lineages();
  const adapting = new Lineages();
  for (const config of tuned.values()) {
    yield;
    const backbone = backboneOf(config);
    if ((config.stage === 'tune' || config.stage === 'evaluate') && config.backbone.adapt)
      adapting.ask(adaptLineage(config.backbone), config.backbone.adapt.steps);
    if (config.stage !== 'pretrain' && backbone?.pretrain)
      pretraining.ask(pretrainLineage(backbone.pretrain), backbone.pretrain.steps);
  }
  const makePretrain = (pretrain: Pretrain, checkpoints: number[]): PretrainConfig => {
    const steps = Math.max(...checkpoints);
    return { stage: 'pretrain', pretrain: { ...pretrain, steps }, checkpoints };
  };
  const makeAdapt = (backbone: Backbone, adapt: Adapt, checkpoints: number[]): AdaptConfig => {
    return { stage: 'adapt', backbone, adapt: { ...adapt, steps: Math.max(...checkpoints) }, checkpoints };
  };

  const trials = new Map<string, PlannedTrial>();
  const add = (config: TrialConfig, waitsFor: PlannedTrial['waitsFor']): string => {
    const addressed = addresses.addressed(config);
    const key = trialKey(addressed);
    if (trials.has(key)) return key;
    const facts = {
      steps: stepsOf(config),
      backboneKey: backboneKeyOf(addressed),
      gangKey: gangKey(addressed),
    };
    trials.set(key, { key, config, inputs: addresses.inputs(config), ...facts, waitsFor });
    return key;
  };
  /** Adds what trains this backbone; what a trial on it waits for. */
  const source = (backbone: Backbone): PlannedTrial['waitsFor'] => {
    const { adapt, ...bare } = backbone;
    if (adapt) {
      const config = makeAdapt(bare, adapt, adapting.asked(adaptLineage(backbone)));
      return [{ key: add(config, source(bare)), kind: 'backbone', step: adapt.steps }];
    }
    if (!backbone.pretrain) return [];
    const config = makePretrain(backbone.pretrain, pretraining.asked(pretrainLineage(backbone.pretrain)));
    return [{ key: add(config, []), kind: 'backbone', step: backbone.pretrain.steps }];
  };
  /** Adds a trial with all that it waits for. */
  const addWhole = (config: TrialConfig): string => {
    const backbone = backboneOf(config);
    const waitsFor = backbone ? source(backbone) : [];
    for (const before of trainedBefore(config))
      waitsFor.push({ key: addWhole(before), kind: 'adapter', step: before.training.steps });
    return add(config, waitsFor);
  };
  for (const config of tuned.values()) {
    yield;
    addWhole(config);
  }
  return [...trials.values()];
}

/** The trials whose parameters a trial starts from, or asks. */
function trainedBefore(config: TrialConfig): TuneConfig[] {
  if (config.stage === 'evaluate') return evaluatedBy(config);
  const before = config.stage === 'tune' ? sourceOf(config) : undefined;
  return before ? [before] : [];
}

/** Step counts asked of each run. */
class Lineages {
  private readonly steps = new Map<string, Set<number>>();

  ask(lineage: string, steps: number): void {
    const known = this.steps.get(lineage) ?? new Set();
    this.steps.set(lineage, known.add(steps));
  }

  asked(lineage: string): number[] {
    return [...(this.steps.get(lineage) ?? [])].toSorted((a, b) => a - b);
  }
}

/** All that makes two adaptations the same run but for how long they go on. */
function lineageOfAdapt({ adapt, ...bare }: Backbone): string {
  const { steps: _any, ...rest } = adapt!;
  return hashOf({ bare, rest });
}

/** A schedule that ends at the last step makes runs of different length different runs. */
function lineageOfPretrain(pretrain: Pretrain): string {
  const { steps, ...rest } = pretrain;
  return hashOf({ rest, steps: pretrain.schedule.name === 'constant' ? null : steps });
}

function backboneOf(config: TrialConfig): Backbone | undefined {
  return config.stage === 'pretrain' ? undefined : config.backbone;
}

function backboneKeyOf(config: TrialConfig): string {
  return hashOf(config.stage === 'pretrain' ? config.pretrain.size : config.backbone);
}

function stepsOf(config: TrialConfig): number {
  if (config.stage === 'tune') return config.training.steps;
  if (config.stage === 'evaluate') return 0;
  return config.stage === 'pretrain' ? config.pretrain.steps : config.adapt.steps;
}
