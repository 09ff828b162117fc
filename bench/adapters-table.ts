/** An adapter on its way to the other side: the largest difference between the two answers, or why there is
 *  none. */
export type Crossing =
  | { gap: number; effect: number } // effect: the adapter's own largest difference from the model without it
  | { refused: string; by: 'peft' | 'peftgrid' }
  | null; // only the other way exists

export interface AdapterResult {
  family: string;
  method: string;
  toPeft: Crossing;
  toOurs: Crossing;
  remark: string;
}

/** Above it two answers differ by more than float32's rounding. */
export const largestGap = 1e-4;

/** An adapter with less than this does nothing, and equal answers say nothing of it. */
const leastEffect = 1e-3;

/** Why the adapter did not come through; undefined: it did, or peft does not have it there. */
export function failureOf({ family, method, toPeft, toOurs }: AdapterResult): string | undefined {
  const reasons = [reasonOf('peftgrid -> peft', toPeft), reasonOf('peft -> peftgrid', toOurs)].filter(
    (r) => r !== undefined,
  );
  return reasons.length === 0 ? undefined : `${family}/${method}: ${reasons.join('; ')}`;
}

function reasonOf(way: string, crossing: Crossing): string | undefined {
  if (!crossing) return undefined;
  if ('refused' in crossing)
    return crossing.by === 'peft' ? undefined : `${way}: refused, ${crossing.refused}`;
  if (crossing.effect < leastEffect) return undefined;
  return crossing.gap <= largestGap
    ? undefined
    : `${way}: the answers differ by ${crossing.gap.toExponential(1)}`;
}

export function adaptersTable(results: readonly AdapterResult[]): string {
  const lines = [
    '| family | method | peftgrid -> peft | peft -> peftgrid | remark |',
    '|---|---|---|---|---|',
  ];
  for (const { family, method, toPeft, toOurs, remark } of results)
    lines.push(
      `| ${[family, method, gapText(toPeft), gapText(toOurs), remarkOf(remark, toPeft, toOurs)].join(' | ')} |`,
    );
  return lines.join('\n');
}

function gapText(crossing: Crossing): string {
  return crossing && 'gap' in crossing && crossing.effect >= leastEffect
    ? crossing.gap.toExponential(1)
    : '–';
}

function remarkOf(remark: string, ...crossings: Crossing[]): string {
  const remarks = crossings.map((crossing) => {
    if (!crossing) return '';
    if ('refused' in crossing) return `${crossing.by}: ${crossing.refused.replaceAll('|', '/')}`;
    return crossing.effect < leastEffect ? 'peft answers as without the adapter' : '';
  });
  return [...new Set([remark, ...remarks])].filter((r) => r !== '').join('; ');
}
