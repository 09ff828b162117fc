/** Several members' answers as one (Lester et al. 2021 §6): the label that most say, or the likeliest by the
 *  mean of their probabilities. */
import type { Kind } from '#contracts/kind.js';
import type { Scale } from '#contracts/scales.js';
import type { Ensemble } from '#contracts/trial.js';
import type { Dataset } from '#tasks/dataset.js';
import type { Likelihood, Said } from '#tasks/example.js';
import { definedOn, valueOf } from '#tasks/metrics/metric.js';
import { likeliest } from '../answers/answering.js';
import type { SaidOf } from '../rows/answer-examples.js';
import type { Evaluated } from '../tune/run.js';

export interface Together extends Evaluated {
  scales: Record<string, Scale>; // of the scores beside the dataset's own metrics
}

/** What members said of a split, together. Its scores have the metrics' plain names. Beside them stand both
 *  ways of combining ("vote/accuracy", "mean/accuracy"), and the members' own mean and best. Without an
 *  ensemble the one member's. Throws where answers of the kind have no label. */
export function together(
  dataset: Dataset,
  split: 'validation' | 'test',
  members: readonly Evaluated[],
  ensemble: Ensemble | undefined,
): Together {
  const [first] = members;
  if (!ensemble) return { ...first!, scales: {} };
  const { [split]: examples } = dataset;
  const ways = waysOf(dataset.kind, members);
  const scores: Record<string, number> = {};
  const scales: Record<string, Scale> = {};
  for (const metric of definedOn(dataset.metrics, examples)) {
    const { name, unit, better, needs } = metric;
    if (needs !== 'said') continue;
    const each = members.map((own) => own.scores[name]!);
    const beside = {
      ...Object.fromEntries(Object.entries(ways).map(([way, of]) => [way, valueOf(metric, examples, of)])),
      'members-mean': each.reduce((sum, value) => sum + value, 0) / each.length,
      'members-best': better === 'larger' ? Math.max(...each) : Math.min(...each),
    };
    scores[name] = (beside as Record<string, number>)[ensemble.combine]!;
    for (const [way, value] of Object.entries(beside)) {
      scores[`${way}/${name}`] = value;
      scales[`${way}/${name}`] = { unit, better };
    }
  }
  const chosen = ways[ensemble.combine];
  if (!chosen)
    throw new Error('what is written has no probabilities, and evaluate.ensemble.combine is "mean"');
  return { ...chosen, scores, whole: true, scales };
}

type Ways = Partial<Record<Ensemble['combine'], SaidOf>>;

function waysOf(kind: Kind, members: readonly SaidOf[]): Ways {
  const place = placeIn(kind);
  const examples = members[0]!.said.map((_, e) => members.map(({ said }) => said[e] as Labelled));
  const scored = examples.every((each) => each.every(({ scores }) => scores !== undefined));
  const of = (combine: (each: readonly Labelled[]) => Labelled): Said[Kind][] =>
    examples.map((each) => combine(each.map((own) => ({ ...own, at: own[place] ?? null })))).map(
      ({ at, scores }) => ({ [place]: at!, ...(scores && { scores }) }) as Said[Kind],
    ); // prettier-ignore
  return {
    vote: { said: of((each) => ({ at: votedFor(each.map(({ at }) => at!)) })), likelihoods: [] },
    ...(scored && { mean: { said: of(byMean), likelihoods: likelihoodsOf(members) } }),
  };
}

/** What members say, of kind class or choice; `at`: the place of the label or choice. */
interface Labelled {
  label?: number | null;
  choice?: number | null;
  at?: number | null;
  scores?: Float32Array;
}

function placeIn(kind: Kind): 'label' | 'choice' {
  if (kind === 'class') return 'label';
  if (kind === 'choice') return 'choice';
  throw new Error(`answers of kind ${kind} have no vote; expected class or choice`);
}

/** The label that most say; where labels are even, that of the first member among theirs. Who says none has
 *  no vote; null where nobody has. */
export function votedFor(labels: readonly (number | null)[]): number | null {
  const votes = new Map<number, number>();
  for (const label of labels) if (label !== null) votes.set(label, (votes.get(label) ?? 0) + 1);
  const most = Math.max(...votes.values());
  return [...votes].find(([, count]) => count === most)?.[0] ?? null; // in the order of the first to say it
}

/** The likeliest by the mean of each member's softmax over the labels; the means are its scores. */
function byMean(each: readonly Labelled[]): Labelled {
  const all = each.map(({ scores }) => probabilities(scores!));
  const scores = Float32Array.from(
    all[0]!,
    (_, c) => all.reduce((sum, own) => sum + own[c]!, 0) / all.length,
  );
  return { at: likeliest(scores), scores };
}

export function probabilities(scores: Float32Array): number[] {
  const most = Math.max(...scores);
  const powers = Array.from(scores, (score) => Math.exp(score - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** -log of the mean probability that members give what is right; none where it is not known of all. */
function likelihoodsOf(members: readonly SaidOf[]): Likelihood[] {
  const [first] = members;
  if (!members.every(({ likelihoods }) => likelihoods.length === first!.said.length)) return [];
  return first!.likelihoods.map((own, e) => {
    const nats = members.map(({ likelihoods }) => likelihoods[e]!.nats);
    const least = Math.min(...nats);
    const mean = nats.reduce((sum, n) => sum + Math.exp(least - n), 0) / nats.length;
    return { ...own, nats: least - Math.log(mean) };
  });
}
