/** The contracts by the names under which the OpenAPI document has them. */
import { z } from 'zod';
import { CellsPage } from '#contracts/cells.js';
import {
  AttemptView,
  CellView,
  CheckpointView,
  CurveView,
  ExperimentView,
  PlanView,
  Problem,
  TrialView,
} from '#contracts/experiment.js';
import { CreateExperiment, Grid, Point } from '#contracts/grid.js';
import { FoundTrial, RetriedView } from '#contracts/found-trial.js';
import { Input, InputsQuery, MissingInputs } from '#contracts/input.js';
import { CreateJoinLink, JoinedView, JoinLinkView, NewJoinLink } from '#contracts/join.js';
import { NeighboursView } from '#contracts/neighbours.js';
import { Prediction, PredictionsView } from '#contracts/predictions.js';
import { CollectedView, CollectGarbage, DiskUse, RemovalView } from '#contracts/removal.js';
import {
  CurvesPage,
  EstimateView,
  GroupView,
  ScalingView,
  TableView,
  ThinnedCurve,
} from '#contracts/tables.js';
import { Metric, Provenance, Summary } from '#contracts/trainer-messages.js';
import { FailureCause, TrialConfig, TrialState } from '#contracts/trial.js';
import { WorkerView } from '#contracts/worker.js';
import { examples } from './examples.js';

const sent = { CollectGarbage, CreateExperiment, CreateJoinLink, Grid, Input, InputsQuery, Point };
const given = {
  AttemptView,
  CellsPage,
  CellView,
  CheckpointView,
  CollectedView,
  CurvesPage,
  CurveView,
  DiskUse,
  EstimateView,
  ExperimentView,
  FailureCause,
  FoundTrial,
  GroupView,
  JoinedView,
  JoinLinkView,
  Metric,
  MissingInputs,
  NeighboursView,
  NewJoinLink,
  PlanView,
  Prediction,
  PredictionsView,
  Problem,
  Provenance,
  RetriedView,
  RemovalView,
  ScalingView,
  Summary,
  TableView,
  ThinnedCurve,
  TrialConfig,
  TrialState,
  TrialView,
  WorkerView,
};
export const named: Readonly<Record<string, z.ZodType>> = { ...sent, ...given };

const names = new Map<unknown, string>(Object.entries(named).map(([name, schema]) => [schema, name]));

/** Where the document has a contract; one without a name stands there whole. */
export function schemaOf(schema: z.ZodType): object {
  const name = names.get(schema);
  return name
    ? { $ref: refTo(name) }
    : plain(z.toJSONSchema(schema, { unrepresentable: 'any', reused: 'inline' }));
}

const refTo = (name: string): string => `#/components/schemas/${name}`;

/** Every named contract as a JSON Schema: what is sent as it may be sent, what is given as it comes. */
export function componentSchemas(): Record<string, object> {
  return { ...schemasOf(given, 'output'), ...schemasOf(sent, 'input') };
}

function schemasOf(own: Readonly<Record<string, z.ZodType>>, io: 'input' | 'output'): Record<string, object> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries({ ...named, ...own })) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io, uri: refTo, unrepresentable: 'any' });
  const wanted = Object.keys(own).map((name) => {
    const { $id: _id, ...schema } = plain(schemas[name]!) as { $id?: string };
    return [name, { ...schema, ...(name in examples && { examples: [examples[name]] }) }] as const;
  });
  return Object.fromEntries(wanted);
}

/** JSON values refer to themselves: they are any value. The dialect is the document's. */
function plain(schema: object): object {
  const { $schema: _dialect, $defs: _definitions, ...rest } = schema as { $schema?: string; $defs?: object };
  return withoutLoops(rest) as object;
}

function withoutLoops(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLoops);
  if (value === null || typeof value !== 'object') return value;
  const { $ref } = value as { $ref?: unknown };
  if (typeof $ref === 'string' && (!$ref.startsWith(refTo('')) || $ref.includes('__shared'))) return {};
  return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, withoutLoops(own)]));
}
