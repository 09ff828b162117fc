import { Redis } from 'ioredis';

/** What of a Redis server's settings can lose rung bells or refuse them, a sentence each. Nothing is lost for
 *  good by it: they are rung again from Postgres. Throws where Redis does not answer. */
export async function redisWarnings(url: string): Promise<string[]> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1, retryStrategy: () => null });
  redis.on('error', () => {}); // what is asked throws it
  try {
    await redis.connect();
    const info = `${await redis.info('memory')}\n${await redis.info('persistence')}`;
    const said = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\s*$`, 'm').exec(info)?.[1];
    const [policy, aof] = [said('maxmemory_policy'), said('aof_enabled')];
    return [
      ...(policy && policy !== 'noeviction'
        ? [
            `Redis has maxmemory-policy ${policy}: it may throw jobs away when its memory is full; expected noeviction`,
          ]
        : []),
      ...(aof === '0'
        ? [
            'Redis has appendonly no: what is queued is lost when it is killed, and rung again only later; expected appendonly yes',
          ]
        : []),
    ];
  } finally {
    redis.disconnect();
  }
}
