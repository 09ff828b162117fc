/** Rotary positions (Su et al. 2021) and how config.json scales them to longer texts; as transformers'
 *  modeling_rope_utils. */
import { z } from 'zod';

const factor = z.number().min(1);
const common = {
  rope_theta: z.number().positive().optional(),
  type: z.string().optional(), // rope_type's older name
  partial_rotary_factor: z.literal(1, 'expected 1: all of a head turns').nullish(),
};
const original = { original_max_position_embeddings: z.int().min(1).nullish() };

const Default = z.strictObject({ ...common, rope_type: z.literal('default'), factor: z.number().nullish() });
const Linear = z.strictObject({ ...common, rope_type: z.literal('linear'), factor });
/** Each frequency by its wavelength (LLaMA 3.1). */
const Llama3 = z
  .strictObject({
    ...common,
    ...original,
    rope_type: z.literal('llama3'),
    factor,
    low_freq_factor: z.number().positive(),
    high_freq_factor: z.number().positive(),
  })
  .refine((r) => r.high_freq_factor > r.low_freq_factor, 'high_freq_factor must be above low_freq_factor');
/** Peng et al. 2023. */
const Yarn = z.strictObject({
  ...common,
  ...original,
  rope_type: z.literal('yarn'),
  factor,
  attention_factor: z.number().positive().nullish(),
  beta_fast: z.number().positive().nullish(),
  beta_slow: z.number().positive().nullish(),
  mscale: z.number().nullish(),
  mscale_all_dim: z.number().nullish(),
  truncate: z.boolean().default(true),
});
const kinds = { default: Default, linear: Linear, llama3: Llama3, yarn: Yarn };

/** rope_scaling (transformers 4) or rope_parameters (5). The kind is called rope_type, or type in older
 *  files. Kinds that are not implemented are refused by name. */
export const Rope = z.record(z.string(), z.unknown()).transform((written, context) => {
  const { rope_type: named, type: older } = written;
  const fail = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  if (named !== undefined && older !== undefined && named !== older)
    return fail(
      `rope_type is ${JSON.stringify(named)} and type ${JSON.stringify(older)}; expected one of them`,
    );
  const kind = named ?? older ?? 'default';
  if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind))
    return fail(
      `rope_type ${JSON.stringify(kind)} is not implemented; expected ${Object.keys(kinds).join(', ')}`,
    );
  const result = kinds[kind as keyof typeof kinds].safeParse({ ...written, rope_type: kind });
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  return fail(`${issue.path.join('.') || kind}: ${issue.message}`);
});
export type Rope = z.infer<typeof Rope>;

export interface Rotary {
  headDim: number;
  theta: number;
  rope: Rope | undefined;
  maxPositions: number; // config.json's max_position_embeddings
}

/** Angles that a position turns by, [headDim] (the halves turn together), and what cosines and sines are
 *  multiplied with. */
export function frequenciesOf(rotary: Rotary): { frequencies: Float32Array; amplitude: number } {
  const { headDim, theta, rope } = rotary;
  const half = headDim / 2;
  const plain = (i: number) => theta ** (-(2 * i) / headDim);
  const each = (frequency: (i: number) => number, amplitude = 1) => ({
    frequencies: Float32Array.from({ length: headDim }, (_, i) => frequency(i % half)),
    amplitude,
  });
  switch (rope?.rope_type) {
    case 'linear':
      return each((i) => plain(i) / rope.factor);
    case 'llama3':
      return each((i) => byWavelength(plain(i), rope, originalPositions(rotary)));
    case 'yarn': {
      const ramp = yarnRamp(rotary, rope);
      return each((i) => (plain(i) / rope.factor) * ramp(i) + plain(i) * (1 - ramp(i)), yarnAmplitude(rope));
    }
    default:
      return each(plain);
  }
}

function originalPositions({ rope, maxPositions }: Rotary): number {
  return (
    (rope as { original_max_position_embeddings?: number | null }).original_max_position_embeddings ??
    maxPositions
  );
}

/** Long waves are stretched by the factor, short ones stay, those between change smoothly. */
function byWavelength(frequency: number, rope: z.infer<typeof Llama3>, positions: number): number {
  const wavelength = (2 * Math.PI) / frequency;
  const { factor, low_freq_factor: low, high_freq_factor: high } = rope;
  if (wavelength > positions / low) return frequency / factor;
  if (wavelength < positions / high) return frequency;
  const smooth = (positions / wavelength - low) / (high - low);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}

/** How much frequency i is stretched, 0 to 1: by how often it turns over the original positions. */
function yarnRamp(
  rotary: Rotary,
  { beta_fast, beta_slow, truncate }: z.infer<typeof Yarn>,
): (i: number) => number {
  const { headDim, theta } = rotary;
  const positions = originalPositions(rotary);
  const turning = (times: number) =>
    (headDim * Math.log(positions / (times * 2 * Math.PI))) / (2 * Math.log(theta));
  const bounds = [turning(beta_fast || 32), turning(beta_slow || 1)] as const;
  const [from, to] = truncate ? [Math.floor(bounds[0]), Math.ceil(bounds[1])] : bounds;
  const [low, end] = [Math.max(from, 0), Math.min(to, headDim - 1)];
  const high = low === end ? end + 0.001 : end;
  return (i) => Math.min(1, Math.max(0, (i - low) / (high - low)));
}

function yarnAmplitude({ factor, attention_factor, mscale, mscale_all_dim }: z.infer<typeof Yarn>): number {
  const scaled = (m: number) => (factor <= 1 ? 1 : 0.1 * m * Math.log(factor) + 1);
  if (attention_factor) return attention_factor;
  return mscale && mscale_all_dim ? scaled(mscale) / scaled(mscale_all_dim) : scaled(1);
}
