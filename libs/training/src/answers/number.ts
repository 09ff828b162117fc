import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '#engine/step/step.js';
import type { Row } from '../rows/row.js';
import { type Answering, type Asked, common, type Pass, scoresIn, textTensors } from './answering.js';
import { headScores } from './head.js';

export interface NumberRow extends Row {
  value: number;
}

/** A number a text: one output of a head, trained by its squared error (Devlin et al. 2019 on STS-B). */
export function numberAnswering(of: Asked<'number'>): Answering<'number', NumberRow> {
  const { model, reader, maxLength } = of;
  const head = { outputs: 1, of: 'text' } as const;
  const outputs = (pass: Pass) => headScores(model, head, pass);
  const targets = (rows: readonly NumberRow[]): Tensors => ({
    values: tf.tensor1d(rows.map((row) => row.value)),
  });
  return {
    ...common(of),
    head,
    key: { kind: 'number' },
    rows: ({ input, answer: { value } }) => [{ ...reader.read(input, maxLength), value }],
    tensors: (rows) => ({ ...textTensors(of, rows), ...targets(rows) }),
    pooledTargets: targets,
    outputs,
    losses: (pass) => tf.square(tf.sub(tf.squeeze(outputs(pass), [1]), pass.batch['values']!)),
    said: ([output]) => ({ value: finite(scoresIn(output!)[0]!) }),
  };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
