import { z } from 'zod';
import { count, interval } from './shapes';

/** How a metric falls as the pictures get worse. */
export const probesSection = z.strictObject({
  /** The metric that is watched: `auc`. */
  metric: z.string(),
  /** Without any disturbance, on the same cases. */
  baseline: z.number(),
  cases: count,
  positives: count,
  probes: z.array(
    z.strictObject({
      /** `noise`, `blur`, `huOffset`, … */
      name: z.string(),
      title: z.string(),
      /** Of the strength: `HU`, `mm`, `voxels`, `degrees`, or empty. */
      unit: z.string(),
      /** Inside this range of strengths the model must hold. */
      declared: z.strictObject({ from: z.number(), to: z.number() }),
      /** By rising strength; the strength that disturbs nothing, where there is one, stands among them with a drop of 0. */
      points: z.array(
        z.strictObject({
          strength: z.number(),
          /** For strengths that are names, such as the axis of a flip. */
          label: z.string().nullable(),
          value: z.number(),
          /** Baseline minus value, with the bootstrap interval over patients. */
          drop: interval.extend({ value: z.number() }),
          /** Share of the cases that are called another way at the operating point. */
          callsChanged: interval.extend({ value: z.number() }),
          meanScoreChange: z.number(),
        }),
      ),
      /** Inside the declared range. */
      largestDrop: z.strictObject({ value: z.number(), at: z.number() }),
    }),
  ),
});
export type ProbesSection = z.infer<typeof probesSection>;
