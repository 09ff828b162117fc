import { peftgridHome } from '#engine/install/library.js';
import { startEngine } from '#engine/native/start.js';
import { resolveBackbone } from '#models/backbones.js';
import { loadModel } from '#models/load-model.js';
import { knownBackbones } from '#planner/known-backbones.js';
import { linearNames, normNames } from '#planner/unreached.js';

beforeAll(() => startEngine({ threads: 2, device: 'cpu' }));

it.each(Object.keys(knownBackbones))(
  'what the planner knows of %s is what its weights are',
  async (name) => {
    const facts = knownBackbones[name]!;
    const model = await loadModel((await resolveBackbone(name, peftgridHome(), () => undefined)).folder);
    const { linears, norms } = model.modules;
    expect(linearNames(facts).toSorted()).toEqual(linears.map((m) => m.name).toSorted());
    expect(normNames(facts).toSorted()).toEqual(norms.toSorted());
    expect(model.dModel).toBe(facts.width);
    expect(model.maxPositions).toBe(facts.positions);
    model.dispose();
  },
  600_000, // fetched where they are not there yet
);
