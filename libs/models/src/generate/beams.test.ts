import { startEngine } from '#engine/native/start.js';
import { batchOf, fixtureFolder, type Generations, readFixture } from '../fixtures/reference.js';
import { writtenBeams } from '../fixtures/written.js';
import { loadModel } from '../load-model.js';
import type { DecoderModel, EncoderDecoderModel } from '../model.js';
import type { GenerateOptions } from './options.js';

type Run = GenerateOptions & { ids: number[][][] };

const runs = readFixture<Record<string, Run[]>>('beams.json');
const cases = Object.entries(runs).flatMap(([name, own]) => own.map((run) => ({ name, ...run })));

beforeAll(() => startEngine({ threads: 2, device: 'cpu' }));

it.each(cases)(
  'ends with the texts of all beams in the order of transformers: $name, $beams beams, length penalty $lengthPenalty',
  async ({ name, ids, ...options }) => {
    const model = (await loadModel(fixtureFolder(name))) as DecoderModel | EncoderDecoderModel;
    const { generationIds } = readFixture<Generations>(`${name}/expected.json`);
    const mask = generationIds.map((row) => row.map((id) => Number(id !== 0)));
    expect(writtenBeams(model, batchOf({ ids: generationIds, mask }), options)).toEqual(ids);
    model.dispose();
  },
);
