import { z } from 'zod';
import { count, estimate } from './shapes';

export const strataSection = z.strictObject({
  /** A level with fewer positives (or negatives, where it has any) than this concludes nothing. */
  minimumCases: count,
  dimensions: z.array(
    z.strictObject({
      /** `diameter`, `sliceThickness`, `spacing`, `manufacturer`, `kernel`, `texture`, `site`. */
      name: z.string(),
      title: z.string(),
      /** Only positives have a value: negatives stand in no level, and `auc` tells each level's positives from all of them. */
      ofPositives: z.boolean(),
      levels: z.array(
        z.strictObject({
          label: z.string(),
          /** False for the cases of which no value is known. */
          known: z.boolean(),
          candidates: count,
          patients: count,
          positives: count,
          negatives: count,
          tooFew: z.boolean(),
          /** Null where the level lacks the cases that define it. */
          auc: estimate.nullable(),
          sensitivity: estimate.nullable(),
          specificity: estimate.nullable(),
        }),
      ),
    }),
  ),
  /** The level with the lowest sensitivity of those with enough cases; null where none has. */
  worst: z
    .strictObject({ dimension: z.string(), label: z.string(), metric: z.string(), value: z.number(), n: count })
    .nullable(),
});
export type StrataSection = z.infer<typeof strataSection>;
