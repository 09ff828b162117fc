/** What a process that trains needs in its environment before it starts, since the C library reads it only
 *  then: memory in huge pages (glibc 2.35 and newer; others ignore it). A step reads and writes hundreds of
 *  megabytes, and with pages of 4 KiB the processor's table of them misses all the time: full tuning of T5
 *  took 4 to 5 % longer. */
export function engineEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const set = env['GLIBC_TUNABLES'] ?? '';
  if (set.includes('glibc.malloc.hugetlb=')) return env;
  return { ...env, GLIBC_TUNABLES: `${set}${set && ':'}glibc.malloc.hugetlb=1` };
}
