import { growthMb, settings } from './settings.js';

describe('what a trainer may grow by', () => {
  it('is a tenth of the memory, shared by the slots, and 800 MB at least', () => {
    expect(growthMb(24e9, 1)).toBe(2400);
    expect(growthMb(24e9, 2)).toBe(1200);
    expect(growthMb(4e9, 1)).toBe(800);
  });

  it('is what the environment says', () => {
    const env = { DATABASE_URL: 'postgresql://u:p@localhost/d', PEFTGRID_TRAINER_GROWTH_MB: '5' };
    expect(settings(env).trainerGrowth).toBe(5e6);
  });
});
