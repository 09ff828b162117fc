import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalInput } from '#contracts/input.js';
import { inputsOf } from '#contracts/inputs-of.js';
import type { Member } from '#contracts/trainer-messages.js';
import { TrialConfig } from '#contracts/trial.js';
import { hashOfInput } from '#contracts/input-hash.js';
import { FileHashes } from '#inputs/file-hashes.js';
import { inputAt } from '#inputs/read-inputs.js';
import { placedMember, verifiedInputs } from './local-inputs.js';
import { InvalidTrial, type TrainHost } from './signals.js';

const folder = mkdtempSync(join(tmpdir(), 'local-inputs-'));
const host: TrainHost = { home: join(folder, 'home'), log: () => undefined };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A model's folder below a root of the server, as it was when it was submitted. */
async function submitted(name: string): Promise<LocalInput> {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  for (const file of ['config.json', 'tokenizer.json', 'model.safetensors'])
    writeFileSync(join(path, file), `{"${file}": 1}`);
  const { kind, files } = await inputAt(
    { knob: 'backbone.folder', path, kind: 'model', files: [] },
    FileHashes.of(host.home),
  );
  return { path, kind, files, hash: hashOfInput(kind, files), local: path, quotable: false };
}

describe('a model that is read where it lies', () => {
  it('is what was submitted', async () => {
    const input = await submitted('same');
    expect(await verifiedInputs({ inputs: [input] }, host)).toEqual([input.hash]);
  });

  it.each([
    [
      'changed',
      (path: string) => writeFileSync(path, '{"model.safetensors": 2}'),
      /model.safetensors has changed since it was submitted.*submit again/,
    ],
    ['gone', (path: string) => rmSync(path), /model.safetensors is not there on the machine that trains/],
  ])('makes a trial invalid, and no crash, where it is %s', async (name, change, message) => {
    const input = await submitted(name);
    change(join(input.path, 'model.safetensors'));
    const refused = verifiedInputs({ inputs: [input] }, host);
    await expect(refused).rejects.toThrow(InvalidTrial);
    await expect(refused).rejects.toThrow(message);
  });
});

describe('a folder whose files are found by patterns', () => {
  it('makes a trial invalid where it holds more than was submitted', async () => {
    const path = join(folder, 'webnlg');
    const names = ['train/1triples/a.xml', 'dev/1triples/a.xml', 'test/testdata_with_lex.xml'];
    const write = (name: string) => {
      mkdirSync(join(path, name, '..'), { recursive: true });
      writeFileSync(join(path, name), name);
    };
    names.forEach(write);
    const config = TrialConfig.parse({
      stage: 'tune',
      task: { name: 'webnlg', path },
      backbone: { name: 'bart-base' },
      method: { name: 'lora' },
    });
    const { kind, files } = await inputAt(inputsOf(config)[0]!, FileHashes.of(host.home));
    const input: LocalInput = {
      path,
      kind,
      files,
      hash: hashOfInput(kind, files),
      local: path,
      quotable: true,
    };
    const member: Member = {
      attemptId: 'a',
      config,
      folder: path,
      backboneFolder: null,
      sourceFolder: null,
      resumeFolder: null,
      inputs: [input],
    };
    expect(files.map((file) => file.path)).toEqual(names.toSorted());
    expect(placedMember(member).config).toEqual(config);
    write('train/2triples/b.xml');
    expect(() => placedMember(member)).toThrow(
      /train\/2triples\/b.xml was not there when .*webnlg was submitted/,
    );
  });
});
