import { z } from 'zod';

/** Where in the patch the score comes from, for some right and some wrong cases. The pictures stand in the HTML. */
export const explanationsSection = z.strictObject({
  method: z.string(),
  cases: z.array(
    z.strictObject({
      id: z.string(),
      series: z.string(),
      label: z.string(),
      probability: z.number(),
      correct: z.boolean(),
      /** How far the score falls where the centre is covered. */
      dropAtCentre: z.number(),
      /** Millimetres from the centre of the patch to the block that matters most. */
      peakDistanceMm: z.number(),
    }),
  ),
});
export type ExplanationsSection = z.infer<typeof explanationsSection>;
