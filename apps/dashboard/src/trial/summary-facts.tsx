import type { Summary } from '#contracts/trainer-messages.js';
import { learnedNothing } from '#analysis/learned.js';
import { inReferenceOrder } from '#analysis/metrics.js';
import { metricText } from '#analysis/number-text.js';
import { durationText } from '../duration-text.js';

/** What the trial amounted to, and who computed it on what. */
export function SummaryFacts({ summary }: { summary: Summary }) {
  const unlearned = learnedNothing(summary);
  return (
    <>
      <section>
        <h3>Result</h3>
        {unlearned && (
          <p className="unlearned">
            Learned nothing: on the test examples no better than{' '}
            {unlearned.map(([name, score, metric]) => `${name} ${metricText(score, metric)}`).join(', ')}.
          </p>
        )}
        <Facts facts={resultOf(summary)} />
      </section>
      <section>
        <h3>Provenance</h3>
        <Facts facts={provenanceOf(summary)} />
      </section>
    </>
  );
}

function provenanceOf({ provenance }: Summary): [string, string][] {
  const { code, library, device, precision, floatMode, dataHash, backboneHash, inputs = [] } = provenance;
  const facts: [string, string | undefined][] = [
    ['peftgrid', code],
    ['library', library],
    ['device', device],
    ['precision', precision],
    ['float32 products', floatMode],
    ['data hash', dataHash],
    ['backbone hash', backboneHash],
    ...inputs.map((hash): [string, string] => ['file hash', hash]),
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
}

function Facts({ facts }: { facts: [string, string][] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd title={value}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function resultOf(summary: Summary): [string, string][] {
  const metrics = (prefix: string, values: Record<string, number>) =>
    Object.entries(values).map(([name, v]): [string, string] => [`${prefix}${name}`, metricText(v, name)]);
  const shares = Object.entries(inReferenceOrder(summary.references)).map(([name, v]): [string, string] => [
    name,
    metricText(v, summary.reportBy),
  ]);
  const { trainableParameters: trainable, headParameters: head, totalParameters: total, sizes } = summary;
  const ofHead = head ? `, ${head.toLocaleString('en')} of them the head's` : '';
  return [
    ...metrics('test ', summary.test),
    ...metrics('validation ', summary.validation),
    ...shares,
    ...(sizes
      ? [
          ['examples', `${sizes.train} train, ${sizes.validation} validation, ${sizes.test} test`] as [
            string,
            string,
          ],
        ]
      : []),
    ['best step', `${summary.bestStep} of ${summary.steps}`],
    ['trainable', `${trainable.toLocaleString('en')} of ${total.toLocaleString('en')}${ofHead}`],
    ['a step', `${metricText(summary.stepMs, 'ms')} ms`],
    [
      'trained for',
      `${durationText(summary.trainSeconds)}, compiled for ${durationText(summary.compileSeconds)}`,
    ],
    ['peak memory', `${Math.round(summary.peakMemoryBytes / 1e6)} MB`],
  ];
}
