import { peftgridHome } from '#engine/install/library.js';
import { startEngine } from '#engine/native/start.js';
import { resolveBackbone } from '#models/backbones.js';
import { loadModel } from '#models/load-model.js';
import { type MapShape, shapeOf } from '#planner/budget/backbone-sizes.js';
import { knownBackbones } from '#planner/known-backbones.js';
import { linearNames, normNames } from '#planner/unreached.js';
import { compareCounts } from './support/budget-counts.js';

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
    const shape = shapeOf(name)!;
    const told = ({ name, inputs, outputs }: MapShape) => `${name}: ${inputs} to ${outputs}`;
    expect(shape.maps.map(told).toSorted()).toEqual(linears.map(told).toSorted());
    expect(shape.parameters).toBe(model.parameterCount);
    expect(compareCounts(model, shape)).toBeGreaterThan(10);
    model.dispose();
  },
  600_000, // fetched where they are not there yet
);
