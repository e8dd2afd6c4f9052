import { z } from 'zod';
import { count, interval } from './shapes';

const bin = z.strictObject({
  from: z.number(),
  to: z.number(),
  n: count,
  /** Mean score, and share of positives with its Wilson interval; null where the bin is empty. */
  predicted: z.number().nullable(),
  observed: z.number().nullable(),
  interval: interval.nullable(),
});

export const calibrationSection = z.strictObject({
  equalWidth: z.array(bin),
  equalMass: z.array(bin),
  /** brier = reliability − resolution + uncertainty + what binning leaves within its bins. */
  brierParts: z
    .strictObject({
      reliability: z.number(),
      resolution: z.number(),
      uncertainty: z.number(),
      withinBins: z.number(),
    })
    .nullable(),
  /** That the bundle divides its logits by, fitted on the validation split; null where it does not. */
  temperature: z.number().nullable(),
});
export type CalibrationSection = z.infer<typeof calibrationSection>;
