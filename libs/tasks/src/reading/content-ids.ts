import { createHash } from 'node:crypto';

/** Names by content, so that neither a file's name nor the order of its rows changes what is trained on;
 *  equal rows are numbered. */
export function contentIds(): (row: string) => string {
  const met = new Map<string, number>();
  return (row) => {
    const id = createHash('sha256').update(row).digest('hex').slice(0, 16);
    const times = (met.get(id) ?? 0) + 1;
    met.set(id, times);
    return times === 1 ? id : `${id}-${times}`;
  };
}
