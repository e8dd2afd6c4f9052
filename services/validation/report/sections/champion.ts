import { z } from 'zod';
import { count, interval } from './shapes';

export const championSection = z.strictObject({
  /** `nodule-classifier@1.2.0`. */
  version: z.string(),
  bundle: z.string(),
  threshold: z.number(),
  endpoints: z.array(
    z.strictObject({
      /** `auc`, `froc.cpm`, `sensitivity`, … */
      metric: z.string(),
      title: z.string(),
      challenger: z.number(),
      champion: z.number(),
      /** Challenger minus champion, on the same cases; positive is better. */
      difference: z.number(),
      interval: interval.extend({ method: z.string() }),
      n: count,
      of: z.string(),
      /** How much worse would still not matter. */
      margin: z.number(),
      /** Two-sided p of no difference, and the same after Holm's correction over the endpoints. */
      p: z.number(),
      adjustedP: z.number(),
      verdict: z.enum(['superior', 'non-inferior', 'inconclusive', 'inferior']),
    }),
  ),
  /** Candidates that one of the two gets right and the other wrong, each at its own operating point. */
  mcnemar: z.strictObject({
    bothRight: count,
    onlyChallengerRight: count,
    onlyChampionRight: count,
    bothWrong: count,
    p: z.number(),
  }),
});
export type ChampionSection = z.infer<typeof championSection>;
