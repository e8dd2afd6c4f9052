import { z } from 'zod';

/** Blocks of a patch, in voxels: slices, rows, columns. */
const voxels = z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]);

/**
 * Where in the patch the score comes from, for some right and some wrong cases. The pictures are handed to the
 * renderer under `explanation/<id>`: the middle slice, with the change of the log-odds as contours.
 */
export const explanationsSection = z.strictObject({
  /** What was done, with its source. */
  method: z.string(),
  /** Each block was covered with this. */
  fillHu: z.number(),
  block: voxels,
  stride: voxels,
  cases: z.array(
    z.strictObject({
      id: z.string(),
      series: z.string(),
      label: z.string(),
      diameterMm: z.number().nullable(),
      probability: z.number(),
      correct: z.boolean(),
      /** How far the probability falls where the centre is covered; negative: it rises. */
      dropAtCentre: z.number(),
      /** The largest change of the log-odds that covering one block makes; positive: they fall. */
      largestLogOddsDrop: z.number(),
      /** Millimetres from the centre of the patch to the middle of that block. */
      peakDistanceMm: z.number(),
    }),
  ),
});
export type ExplanationsSection = z.infer<typeof explanationsSection>;
