import { z } from 'zod';
import { count, estimate, interval } from './shapes';

/** FROC and CPM as LUNA16's official evaluation defines them. */
export const frocSection = z.strictObject({
  scans: count,
  /** Nodules of these scans: the denominator of the sensitivity. */
  nodules: count,
  /** Of them, those in which no candidate lies: no model that only reads candidates can find them. */
  nodulesWithoutCandidate: count,
  /** Marks, and what became of them. */
  marks: z.strictObject({
    scored: count,
    hits: count,
    falsePositives: count,
    /** In an excluded finding, or a second mark in a nodule that has a better one. */
    ignored: count,
    /** Beyond the hundred best of their scan. */
    dropped: count,
  }),
  curve: z.array(z.strictObject({ falsePositivesPerScan: z.number(), sensitivity: z.number() })),
  band: z.array(interval.extend({ falsePositivesPerScan: z.number(), mean: z.number() })),
  /** Sensitivity at 1/8, 1/4, 1/2, 1, 2, 4 and 8 false positives a scan. */
  points: z.array(estimate.extend({ falsePositivesPerScan: z.number() })),
  resamples: count,
  seed: z.int(),
});
export type FrocSection = z.infer<typeof frocSection>;
