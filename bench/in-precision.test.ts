import {
  besideFloat32,
  fastest,
  geometricMean,
  type PeerPrecision,
  precisionsBeside,
  precisionTable,
} from './in-precision.js';

const own = (ms: number[], peakBytes: number, firstLoss: number) => ({ ms, peakBytes, firstLoss });

it('holds steps in bfloat16 against the same in float32', () => {
  const narrow = [own([10, 12], 600, 2.02), own([8, 9], 500, 2.02)];
  const wide = [own([20, 16], 900, 2), own([21, 30], 1000, 2)];
  const beside = besideFloat32(narrow, wide);
  expect(beside).toMatchObject({ float32_min_ms: 16, gain_min: 2, memory_share: 0.6 });
  expect(beside.first_loss_gap).toBeCloseTo(0.01, 10);
});

it('takes the peer in the precision in which its best step is the fastest', () => {
  const peers = new Map<PeerPrecision, { ms: number[] }[]>([
    ['float32', [{ ms: [30, 20] }]],
    ['autocast', [{ ms: [40] }, { ms: [18, 50] }]],
    ['bfloat16', []],
  ]);
  expect(fastest(peers)).toEqual({ precision: 'autocast', measured: peers.get('autocast') });
  expect(fastest(new Map())).toBeUndefined();
  expect(precisionsBeside('float32')).toEqual(['float32']);
  expect(precisionsBeside('bfloat16')).toEqual(['float32', 'autocast', 'bfloat16']);
});

it('tells the geometric means of what was measured, and nothing of steps in float32', () => {
  const narrow = (gain_min: number) => ({
    float32_min_ms: 1,
    gain_min,
    memory_share: 0.7,
    first_loss_gap: 1e-3,
  });
  const row = { name: 'x', speedup_min: null, narrow: null, peer_precision: null };
  expect(geometricMean([1, 4])).toBeCloseTo(2);
  expect(precisionTable([row])).toBe('');
  const rows = [
    { ...row, name: 'a', narrow: narrow(1), speedup_min: 2, peer_precision: 'autocast' as const },
    { ...row, name: 'b', narrow: narrow(4), speedup_min: 8, peer_precision: 'float32' as const },
  ];
  const table = precisionTable(rows);
  expect(table).toContain('| a | 1x | 0.7 | 1.0e-3 | 2x | autocast |');
  expect(table).toContain('geometric mean: 2.00x over our own float32, 4.00x over the peer at its best');
  expect(precisionTable([{ ...rows[0]!, speedup_min: null }])).toContain(
    'geometric mean: 1.00x over our own float32',
  );
});
