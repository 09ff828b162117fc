/** "2026-11-29 19:34 +01:00": the machine's own time, with what it is ahead of UTC. */
export function localTime(iso: string): string {
  const time = new Date(iso);
  const ahead = -time.getTimezoneOffset(); // minutes
  const local = new Date(time.getTime() + ahead * 60_000).toISOString();
  const part = (n: number) => String(Math.floor(n)).padStart(2, '0');
  const offset = `${ahead < 0 ? '-' : '+'}${part(Math.abs(ahead) / 60)}:${part(Math.abs(ahead) % 60)}`;
  return `${local.slice(0, 10)} ${local.slice(11, 16)} ${offset}`;
}
