import * as tf from '@tensorflow/tfjs';
import { scaleOf } from '../../low-rank/low-rank.js';
import type { Parameters } from '../../method.js';

/** The same updates under one rank and alpha where peft's rank_pattern and alpha_pattern give some maps
 *  others: smaller ranks are filled up with zeros, and B takes what its map is scaled by beyond the rest.
 *  Replaced tensors are freed. */
export function evened(parameters: Parameters, written: Record<string, unknown>) {
  const [alpha, rsLora] = [Number(written['lora_alpha']), written['use_rslora'] === true];
  const names = Object.keys(parameters).filter((name) => name.endsWith('.lora_A.weight'));
  const rankOf = (name: string) => parameters[name]!.shape[0]!;
  const rank = Math.max(...names.map(rankOf));
  const factors = names.map((name) => {
    const map = name.slice(0, -'.lora_A.weight'.length);
    const own = scaleOf({ alpha: alphaOf(map, written) ?? alpha, rank: rankOf(name), rsLora });
    return [`${map}.lora_B.weight`, own / scaleOf({ alpha, rank, rsLora })];
  });
  return { rank, alpha, rsLora, parameters: filledTo(rank, scaled(parameters, Object.fromEntries(factors))) };
}

/** Of the first key in alpha_pattern that is an end of the map's name; keys are regular expressions. */
function alphaOf(map: string, { alpha_pattern: pattern }: Record<string, unknown>): number | undefined {
  return Object.entries((pattern ?? {}) as Record<string, number>).find(([key]) =>
    new RegExp(`^(.*\\.)?(${key})$`).test(map),
  )?.[1];
}

function scaled(parameters: Parameters, factors: Readonly<Record<string, number>>): Parameters {
  return replaced(parameters, (name, t) => ((factors[name] ?? 1) === 1 ? t : tf.mul(t, factors[name]!)));
}

/** Low-rank tensors of fewer ranks with zeros behind them. Replaced tensors are freed. */
export function filledTo(rank: number, parameters: Parameters): Parameters {
  return replaced(parameters, (name, t) => {
    const [rows, columns] = [/\.lora_(A\.weight|E)$/.test(name), name.endsWith('.lora_B.weight')];
    const missing = rank - (columns ? t.shape[1]! : t.shape[0]!);
    if (!(rows || columns) || missing === 0) return t;
    return tf.pad(t, [[0, rows ? missing : 0], [0, columns ? missing : 0]]); // prettier-ignore
  });
}

function replaced(parameters: Parameters, by: (name: string, t: tf.Tensor) => tf.Tensor): Parameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, t]) => {
      const other = by(name, t);
      if (other !== t) t.dispose();
      return [name, other];
    }),
  );
}
