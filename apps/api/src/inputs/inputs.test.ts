import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { ApiError, PeftgridClient, type Submission } from '#contracts/client.js';
import { TrialInput } from '#contracts/input.js';
import { type Database, openDatabase } from '#db/database.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.js';
import { sentInputs, withInputs } from '../fixtures/sent-inputs.js';
import { serve } from '../serve.js';

const home = mkdtempSync(join(tmpdir(), 'peftgrid-inputs-'));
const root = join(home, 'root');
const lines: string[] = [];
const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
const uploadBytes = 100_000;
let postgres: EmbeddedPostgres;
let api: Awaited<ReturnType<typeof serve>>;
let client: PeftgridClient;
let db: Database;

beforeAll(async () => {
  mkdirSync(root);
  postgres = await startEmbeddedPostgres(home);
  const common = {
    port: 0,
    host: '127.0.0.1',
    databaseUrl: postgres.url,
    redisUrl: undefined,
    token: undefined,
  };
  api = await serve({ ...common, home, roots: [root], uploadBytes }, log);
  client = new PeftgridClient(api.url);
  db = await openDatabase(postgres.url);
}, 60_000);
afterAll(async () => {
  await db?.close();
  await api?.close();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

const sha = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');
const placeOf = (hash: string): string => join(home, 'artifacts', 'sha256', hash.slice(0, 2), hash);
const unfinished = (): string[] => readdirSync(join(home, 'artifacts', 'tmp'));
const rows = (n: number) =>
  Array.from({ length: n }, (_, i) => `text ${i},${i % 2 ? 'good' : 'bad'}`).join('\n');
const good = `text,mood\n${rows(60)}\n`;

const written = (name: string, text: string, folder = home): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const on = (path: string, more: object = {}): Exclude<Submission, string> => ({
  name: 'data',
  grids: [
    {
      name: 'g',
      backbone: { name: 'minilm-l6' },
      task: { name: 'file', path, input: '{text}', label: 'mood', ...more },
      method: { name: 'head' },
      training: { steps: 1 },
    },
  ],
});

async function refusal(request: Promise<unknown>): Promise<ApiError> {
  const error = await request.then(() => null, (e: unknown) => e); // prettier-ignore
  if (error instanceof ApiError) return error;
  throw new Error('the request was accepted', { cause: error });
}

interface Put {
  hash?: string;
  type?: string;
}

async function put(
  content: string | Buffer,
  { hash = sha(content), type = 'application/octet-stream' }: Put = {},
) {
  const body = typeof content === 'string' ? content : new Uint8Array(content);
  const response = await fetch(`${api.url}/api/inputs/${hash}`, {
    method: 'PUT',
    headers: { 'content-type': type },
    body,
  });
  const text = await response.text();
  return { status: response.status, title: text && (JSON.parse(text) as { title: string }).title };
}

describe('an upload', () => {
  it('is kept under its hash, once', async () => {
    expect(await put(good)).toMatchObject({ status: 204 });
    expect(await put(good)).toMatchObject({ status: 204 });
    expect(existsSync(placeOf(sha(good)))).toBe(true);
    expect(unfinished()).toEqual([]);
  });

  it('of another content leaves nothing', async () => {
    const hash = sha('what was announced');
    expect(await put('what came', { hash })).toMatchObject({
      status: 400,
      title: expect.stringMatching(
        /^the content hashes to [0-9a-f]{64}; expected [0-9a-f]{64}; nothing of it was kept$/,
      ) as string,
    });
    expect([existsSync(placeOf(hash)), unfinished()]).toEqual([false, []]);
  });

  it.each([
    ['announced', Buffer.alloc(uploadBytes + 1)],
    ['announced by half a gigabyte', Buffer.alloc(5_000_000)],
  ])('that is too large, and %s so, leaves nothing and says what the limit is', async (_how, content) => {
    expect(await put(content)).toMatchObject({
      status: 413,
      title: expect.stringContaining('at most 1 MB here') as string,
    });
    expect([existsSync(placeOf(sha(content))), unfinished()]).toEqual([false, []]);
  });

  it('that goes on beyond the limit without having said so is cut off', async () => {
    const chunk = Buffer.alloc(65_536);
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (c) => (sent++ < 100 ? c.enqueue(chunk) : c.close()),
    });
    const error = await client.uploadInput(sha(''), body).then(
      () => null,
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(Error);
    expect([existsSync(placeOf(sha(''))), unfinished()]).toEqual([false, []]);
  });

  it('that breaks off leaves nothing', async () => {
    const { hostname, port } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `PUT /api/inputs/${sha('whole')} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/octet-stream\r\nContent-Length: 5\r\n\r\nwh`,
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    socket.destroy();
    for (let i = 0; i < 50 && unfinished().length; i++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect([existsSync(placeOf(sha('whole'))), unfinished()]).toEqual([false, []]);
  });

  it.each(['..%2f..%2fserver.json', 'abc', 'A'.repeat(64), `${'a'.repeat(64)}%00`])(
    'to %s is refused',
    async (hash) => {
      expect((await put('x', { hash })).status).toBe(400);
    },
  );

  it('of another type is refused', async () => {
    expect(await put('{}', { type: 'application/json' })).toMatchObject({ status: 415 });
  });
});

describe('what the server lacks', () => {
  it('is asked for, and no more than that', async () => {
    const fresh = written('fresh.csv', good.replace('text 0,', 'text zero,'));
    const request = await withInputs(on(fresh, { testPath: written('good.csv', good) }), home);
    const { missing, mostBytes } = await client.missingInputs({ inputs: request.inputs });
    expect([missing.length, mostBytes]).toEqual([1, uploadBytes]);
    expect((await refusal(client.submit(request))).issues).toEqual([
      {
        path: 'grids[0].task.path',
        message: expect.stringContaining('is not there yet: 1 of its files are to be uploaded') as string,
      },
    ]);
    await sentInputs(client, on(fresh, { testPath: join(home, 'good.csv') }), home);
    expect((await client.missingInputs({ inputs: request.inputs })).missing).toEqual([]);
    expect(await client.submit(request)).toMatchObject({ cells: 1 });
  });

  it('is asked for again where it was cut short', async () => {
    const request = await sentInputs(client, on(written('cut.csv', `${good}text 60,good\n`)), home);
    writeFileSync(placeOf(request.inputs[0]!.files[0]!.hash), 'text');
    expect((await client.missingInputs({ inputs: request.inputs })).missing).toHaveLength(1);
  });

  it('is told by place where the question is wrong', async () => {
    const files = [{ path: '../x', hash: 'abc', bytes: 1 }];
    const error = await refusal(client.missingInputs({ inputs: [{ path: '/x.csv', kind: 'data', files }] }));
    expect([error.status, error.issues.map((i) => i.path)]).toEqual([
      400,
      ['inputs[0].files[0].path', 'inputs[0].files[0].hash'],
    ]);
  });
});

describe('a path that nothing came along for', () => {
  const outside = () => written('outside.csv', good);
  it.each([
    ['/etc/shadow', () => '/etc/shadow'],
    ['a file beside the root', outside],
    ['a file above the root', () => `${root}/../outside.csv`],
    ['a relative path', () => 'outside.csv'],
    ['a link that leads out of the root', () => (symlink('out.csv', outside()), join(root, 'out.csv'))],
    ['a link to a folder out of the root', () => (symlink('up', home), join(root, 'up', 'outside.csv'))],
    [
      'a folder whose name begins as the root',
      () => (mkdirSync(`${root}-not`, { recursive: true }), written('x.csv', good, `${root}-not`)),
    ],
    ['nothing', () => '/nowhere/x.csv'],
    ['a device', () => '/dev/zero'],
  ])('is never opened: %s', async (_what, path) => {
    outside();
    const asked = [
      client.plan(on(path())),
      client.submit(on(path(), { label: 'root:*:20228:0:99999:7:::' })),
    ];
    const said = await Promise.all(asked.map(async (request) => (await refusal(request)).issues));
    for (const issues of said)
      expect(issues).toEqual([
        { path: 'grids[0].task.path', message: expect.stringMatching(/was not sent along, and is no file or folder below a root.*PEFTGRID_ROOTS/) as string },
      ]); // prettier-ignore
    expect((await client.missingInputs({ paths: [path()] })).there).toEqual([]);
  });

  it.each(['/etc', '/nowhere', '/dev/null'])('nor is a backbone folder: %s', async (folder) => {
    const { grids } = on('/x.csv');
    const body = {
      name: 'x',
      grids: [{ ...grids[0]!, task: { name: 'wordnet-supersense' }, backbone: { folder } }],
    };
    expect((await refusal(client.plan(body))).issues).toEqual([
      { path: 'grids[0].backbone.folder', message: expect.stringContaining('was not sent along') as string },
    ]);
  });

  function symlink(name: string, to: string): void {
    rmSync(join(root, name), { force: true });
    symlinkSync(to, join(root, name));
  }
});

describe('a file below a root', () => {
  it('is read by the server as it is now', async () => {
    const path = written('data.csv', good, root);
    const first = await client.submit(on(path));
    written('data.csv', `${good}text 60,good\n`, root);
    expect(await client.submit(on(path))).toMatchObject({ reused: 0 });
    written('data.csv', good, root);
    expect(await client.submit(on(path))).toMatchObject({ reused: 1 });
    const [cell] = await client.cells(first.id);
    const inputs = await inputsOfTrial(cell!.trialId);
    expect(inputs).toMatchObject([{ path, hash: sha(good), origin: 'root', place: 'store' }]);
  });

  it.each<[string, { path?: string; label?: string; labelWords?: object }]>([
    ['a label that it lacks', { labelWords: { zzz: 'z' } }],
    ['its line as a column', { label: 'token-of-the-operator' }],
    ['a broken row', { path: 'broken.jsonl' }],
  ])('is not quoted to who may not read it: %s', async (_what, { path: name = 'secret.csv', ...more }) => {
    written('secret.csv', 'text,mood\nsecret one,hush\nsecret two,quiet\n', root);
    written('broken.jsonl', '{"text": "secret", "mood": "hush"}\n{"secret": hush}\n', root);
    const path = join(root, name);
    const error = await refusal(client.plan(on(path, more)));
    expect(error.message).toContain(`${path}`);
    expect(error.message).toContain('what stands in it is not shown');
    expect(error.message).not.toMatch(/secret |hush|quiet/);
    expect(lines.join('')).not.toMatch(/secret one|quiet/);
  });

  it('is quoted to who sent it', async () => {
    const path = written('own.csv', 'text,mood\nmine one,hush\nmine two,quiet\n');
    const request = await sentInputs(client, on(path, { labelWords: { zzz: 'z' } }), home);
    expect((await refusal(client.submit(request))).message).toMatch(/hush/);
  });
});

describe('a model below a root', () => {
  const model = (weights: string): string => {
    const folder = join(root, 'model');
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of [
      ['config.json', '{}'],
      ['tokenizer.json', '{}'],
      ['model.safetensors', weights],
    ] as const)
      written(name, text, folder);
    return folder;
  };
  const body = (folder: string) => {
    const { grids } = on('/x.csv');
    return {
      name: 'x',
      grids: [{ ...grids[0]!, task: { name: 'wordnet-supersense' }, backbone: { folder } }],
    };
  };

  it('stays where it is, and is known by its content', async () => {
    const folder = model('large'.repeat(uploadBytes));
    const { id } = await client.submit(body(folder));
    const [cell] = await client.cells(id);
    expect(await inputsOfTrial(cell!.trialId)).toMatchObject([
      { path: folder, kind: 'model', origin: 'root', place: 'root' },
    ]);
    model('other'.repeat(uploadBytes));
    expect(await client.submit(body(folder))).toMatchObject({ reused: 0 });
  });

  it('is not sent by a client that has just the same there', async () => {
    const folder = model('weights');
    const request = await withInputs(body(folder), home);
    expect((await client.missingInputs({ inputs: request.inputs })).missing).toEqual([]);
    const { id } = await client.submit(request);
    const [cell] = await client.cells(id);
    expect(await inputsOfTrial(cell!.trialId)).toMatchObject([{ origin: 'client', place: 'root' }]);
    model('other weights');
    // by content: config and tokenizer are alike
    expect((await client.missingInputs({ inputs: request.inputs })).missing).toHaveLength(2);
  });

  it('is seen to have changed, although its size and time are what they were', async () => {
    const folder = model('weights 1');
    const before = await client.submit(body(folder));
    const path = join(folder, 'model.safetensors');
    const old = new Date(2020, 1, 1);
    utimesSync(path, old, old);
    writeFileSync(path, 'weights 2');
    utimesSync(path, old, old);
    const after = await client.submit(body(folder));
    const ids = await Promise.all(
      [before, after].map(async ({ id }) => (await client.cells(id))[0]!.trialId),
    );
    expect(ids[0]).not.toBe(ids[1]);
  });
});

async function inputsOfTrial(id: string): Promise<TrialInput[]> {
  const { rows } = await db.pool.query<{ inputs: unknown[] }>('select inputs from "Trial" where id = $1', [
    id,
  ]);
  return rows[0]!.inputs.map((input) => TrialInput.parse(input));
}
