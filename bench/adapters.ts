import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { peftgridHome } from '#engine/install/library.js';
import { startEngine } from '#engine/native/start.js';
import { texts } from '#methods/fixtures/forward.js';
import { adaptersArguments } from './adapters-arguments.js';
import { adaptersTable, failureOf } from './adapters-table.js';
import { type PeerAnswers, sent, type Sent, received } from './adapter-exchange.js';
import { childJson } from './child-json.js';
import { peerPython } from './peer-environment.js';

/** `peftgrid bench adapters [--only FAMILY/METHOD] [--json]`: adapters in Hugging Face PEFT's files, carried
 *  to peft and back. Ours, with parameters moved at random, are loaded by PeftModel.from_pretrained; peft's,
 *  moved at random, are loaded by loadAdapter; both sides answer a few padded texts, and the largest
 *  difference of logits (an encoder's final states) is told. Fails where one is above 1e-4. */

const root = resolve(__dirname, '..', '..');
const models = join(root, 'libs', 'models', 'src', 'fixtures');
const peersFolder = join(root, 'bench', 'peers');
const say = (line: string) => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const { rows, json } = adaptersArguments(process.argv.slice(2));
  const python = peerPython(peftgridHome(), peersFolder, say);
  await startEngine({ device: 'cpu' });
  const folder = mkdtempSync(join(tmpdir(), 'peftgrid-adapters-'));
  try {
    const ours: Sent[] = [];
    for (const row of rows)
      ours.push(await sent(row, { models, folder: join(folder, row.family, row.method) }));
    const exchange = join(folder, 'exchange.json');
    writeFileSync(exchange, JSON.stringify({ texts, rows: ours.map((s) => s.request) }));
    const peers = childJson<PeerAnswers>(python, [join(peersFolder, 'adapters_exchange.py'), exchange]);
    const results = [];
    for (const [i, own] of ours.entries()) results.push(await received(own, peers.rows[i]!));
    say(peers.peer);
    process.stdout.write(`${json ? JSON.stringify(results) : adaptersTable(results)}\n`);
    fail(results.map(failureOf).filter((f) => f !== undefined));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function fail(failures: string[]): void {
  failures.forEach((failure) => say(`not the same: ${failure}`));
  if (failures.length > 0) process.exitCode = 1;
}

main().catch((error: Error) => {
  say(`peftgrid bench adapters: ${error.message}`);
  process.exitCode = 1;
});
