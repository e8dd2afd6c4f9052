import { z } from 'zod';
import { count } from './shapes';

/** Largest absolute difference of a probability between two ways that should agree. */
export const determinismSection = z.strictObject({
  patches: count,
  comparisons: z.array(
    z.strictObject({
      /** `repeat`, `batch`, `engine`. */
      name: z.string(),
      title: z.string(),
      /** How many of them; the second engine, which is slow, gets few. */
      patches: count,
      largestDifference: z.number(),
      tolerance: z.number(),
    }),
  ),
});
export type DeterminismSection = z.infer<typeof determinismSection>;
