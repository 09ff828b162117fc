import type { Raw } from './knobs.js';
import { isStage, stageOf, stages } from './knob-schemas.js';
import { withImplied } from './resolve-cell.js';

/** Cells as rules see them: every default filled in. A part that is not valid is seen as it was given, so
 *  that a rule may leave the cell out. Equal parts of different cells (method, training, ...) are one object:
 *  each is parsed once. */
export class SeenCells {
  private readonly byObject = new WeakMap<object, Map<string, unknown>>();
  private readonly byText = new Map<string, unknown>();

  of(raw: Raw): Raw {
    const stage = stageOf(raw);
    if (!isStage(stage)) return raw;
    const implied = withImplied(stage, { ...raw, stage });
    const { shape } = stages[stage];
    const parts = new Set([...Object.keys(shape), ...Object.keys(implied)]);
    return Object.fromEntries([...parts].map((part) => [part, this.part(stage, part, implied[part])]));
  }

  private part(stage: keyof typeof stages, part: string, value: unknown): unknown {
    const place = `${stage}.${part}`;
    if (typeof value !== 'object' || value === null) return this.parsed(stage, part, value);
    const known = this.byObject.get(value) ?? new Map<string, unknown>();
    this.byObject.set(value, known);
    if (!known.has(place)) known.set(place, this.parsed(stage, part, value));
    return known.get(place);
  }

  private parsed(stage: keyof typeof stages, part: string, value: unknown): unknown {
    const text = `${stage}.${part} ${JSON.stringify(value)}`;
    if (!this.byText.has(text)) {
      const schema = Object.hasOwn(stages[stage].shape, part)
        ? (stages[stage].shape as Shape)[part]
        : undefined;
      const result = schema?.safeParse(value);
      this.byText.set(text, result?.success ? result.data : value);
    }
    return this.byText.get(text);
  }
}

type Shape = Record<string, { safeParse(value: unknown): { success: boolean; data?: unknown } }>;
