import { z } from 'zod';
import { count, interval } from './shapes';

export const discriminationSection = z.strictObject({
  /** The corners of the curve; `threshold` is null at the first, where nothing is called positive. */
  roc: z.array(
    z.strictObject({ threshold: z.number().nullable(), falsePositiveRate: z.number(), truePositiveRate: z.number() }),
  ),
  rocBand: z.array(interval.extend({ falsePositiveRate: z.number() })),
  /** One point for each distinct score at which the recall grows, by falling threshold; between them it is a step. */
  precisionRecall: z.array(z.strictObject({ threshold: z.number(), recall: z.number(), precision: z.number() })),
  /** 95 % band of the precision at each recall. */
  precisionRecallBand: z.array(interval.extend({ recall: z.number() })),
  /** At the operating point. */
  confusion: z.strictObject({
    truePositives: count,
    falsePositives: count,
    trueNegatives: count,
    falseNegatives: count,
  }),
});
export type DiscriminationSection = z.infer<typeof discriminationSection>;
