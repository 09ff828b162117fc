import { z } from 'zod';

/** A whole number as a query string writes it. */
export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, `expected a whole number from ${least} to ${most}`)
    .transform(Number)
    .pipe(z.int().min(least, `expected ${least} to ${most}`).max(most, `expected ${least} to ${most}`));

/** A parameter that may be given several times, each time with one value or more between commas. */
export const listOf = <T extends z.ZodType<unknown, string>>(element: T) =>
  z
    .union([z.string(), z.array(z.string())])
    .transform((given) =>
      [given]
        .flat()
        .flatMap((text) => text.split(','))
        .map((text) => text.trim())
        .filter(Boolean),
    ) // prettier-ignore
    .pipe(z.array(element));
