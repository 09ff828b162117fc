/** A grid file of so many cells, all of them trials of their own; other grids have other first seeds. */
export function gridOf(cells: number, firstSeed: number, priority = 0): string {
  const steps = Array.from({ length: 10 }, (_, i) => 100 * (i + 1));
  const lengths = Array.from({ length: 10 }, (_, i) => i + 1);
  const seeds = Array.from({ length: Math.ceil(cells / 100) }, (_, i) => firstSeed + i);
  const axes =
    cells === 1 ? { seed: [firstSeed] } : { 'training.steps': steps, 'method.length': lengths, seed: seeds };
  return JSON.stringify({
    name: `grid of ${cells}`,
    priority,
    grids: [
      {
        name: 'g',
        backbone: { name: 'minilm-l6' },
        task: { name: 'wordnet-supersense' },
        method: { name: 'prompt-tuning' },
        grid: axes,
      },
    ],
  });
}
