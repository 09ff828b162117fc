/** What is handed to a machine that joins. */
export interface Joining {
  version: string;
  databaseUrl: string;
  redisUrl: string | undefined;
  artifacts: string | undefined; // s3://…; undefined: through the API
  /** At which others reach the API. */
  url(): string;
}

export const JOINING = Symbol('joining');

/** How the AWS SDK is told of a bucket, where it is told by variables at all. */
const s3Names = [
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_S3',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
];

/** The environment of a worker elsewhere. What this machine reaches as its own (127.0.0.1) is named as the
 *  caller named us. */
export function environmentFor(
  { databaseUrl, redisUrl, artifacts }: Joining,
  calledAs: string,
  env: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const seen = (address: string): string => elsewhere(address, calledAs);
  const bucket = artifacts?.startsWith('s3:') ? artifacts : undefined;
  const s3 = bucket ? s3Names.flatMap((name) => (env[name] ? [[name, seen(env[name])] as const] : [])) : [];
  return {
    DATABASE_URL: seen(databaseUrl),
    ...(redisUrl ? { REDIS_URL: seen(redisUrl) } : {}),
    ...(bucket ? { ARTIFACTS: bucket, ...Object.fromEntries(s3) } : {}),
  };
}

const loopback = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/;

function elsewhere(address: string, calledAs: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  if (!loopback.test(url.hostname)) return address;
  return address.replace(/(:\/\/(?:[^@/]*@)?)(\[::1\]|[^:/?]+)/, (_, before: string) => before + calledAs);
}
