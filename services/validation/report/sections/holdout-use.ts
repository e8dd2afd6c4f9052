import { z } from 'zod';
import { count } from './shapes';

/** How worn the holdout is: each model that is judged on it makes the next figure a little less independent. */
export const holdoutUseSection = z.strictObject({
  /** This is the n-th model that was judged on this holdout, counted from 1. */
  model: count,
  /** Under how many suites the holdout was used up to then. */
  suites: count,
});
export type HoldoutUseSection = z.infer<typeof holdoutUseSection>;
