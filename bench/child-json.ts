import { spawnSync } from 'node:child_process';

/** Runs a program to its end and reads the JSON object that its last line of output is. Throws with its last
 *  words where it fails. */
export function childJson<T>(command: string, args: readonly string[], env = process.env): T {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env,
  });
  if (error) throw new Error(`${command} could not be started: ${error.message}`);
  if (status !== 0)
    throw new Error(`${args[0]} ended with ${status}: ${stderr.trim().split('\n').slice(-3).join(' | ')}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as T;
}
