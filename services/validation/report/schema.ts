import { z } from 'zod';
import { METRICS } from '../suite';

const count = z.int().nonnegative();
const interval = z.strictObject({ lower: z.number(), upper: z.number() });

/** A figure with what it rests on; the interval is 95 %, and null for a figure that is exact. */
const figure = z.strictObject({
  value: z.number(),
  n: count,
  interval: interval.extend({ method: z.string() }).nullable(),
});

const rule = z.strictObject({
  name: z.string(),
  metric: z.string(),
  on: z.enum(['point', 'lower', 'upper']),
  op: z.enum(['>=', '<=']),
  threshold: z.number(),
  value: z.number(),
  passed: z.boolean(),
  margin: z.number(),
  primary: z.boolean(),
});

/** One candidate in pictures and tables; its id begins with the digest of its series, `series`. */
const candidate = z.strictObject({
  id: z.string(),
  series: z.string(),
  diameterMm: z.number().nullable(),
  probability: z.number(),
  /** Whether the operating point calls it as its label says. */
  correct: z.boolean(),
});

/** report.json. Nothing in it depends on when, where or how fast the validation ran. */
export const reportSchema = z.strictObject({
  /** What kind of data this rests on; the first line of every form of the report. */
  notice: z.string(),
  format: z.literal('lungate-validation-report/1'),
  verdict: z.enum(['pass', 'fail']),
  rules: z.array(rule).min(1),
  suite: z.strictObject({ name: z.string(), digest: z.string() }),
  model: z.strictObject({
    name: z.string(),
    bundle: z.string(),
    negativeLabel: z.string(),
    positiveLabel: z.string(),
    trainedOn: z.strictObject({
      dataset: z.string(),
      datasetDigest: z.string(),
      splitDigest: z.string(),
      trainingPatients: count,
      validationPatients: count,
    }),
    configDigest: z.string(),
    gitCommit: z.string().nullable(),
    seed: z.int(),
    engine: z.string(),
  }),
  dataset: z.strictObject({ name: z.string(), digest: z.string(), synthetic: z.boolean() }),
  holdout: z.strictObject({
    digest: z.string(),
    patients: count,
    series: count,
    candidates: count,
    positives: count,
    negatives: count,
  }),
  bootstrap: z.strictObject({ resamples: count, seed: z.int() }),
  figures: z.record(z.enum(METRICS), figure),
  goldenCases: figure,
  operatingPoint: z.strictObject({
    threshold: z.number(),
    targetSpecificity: z.number(),
    positives: count,
    negatives: count,
    confusion: z.strictObject({
      truePositives: count,
      falsePositives: count,
      trueNegatives: count,
      falseNegatives: count,
    }),
  }),
  /** `threshold` is null at the first point, where nothing is called positive. */
  roc: z.array(
    z.strictObject({
      threshold: z.number().nullable(),
      falsePositiveRate: z.number(),
      truePositiveRate: z.number(),
    }),
  ),
  rocBand: z.array(interval.extend({ falsePositiveRate: z.number() })),
  reliability: z.array(
    z.strictObject({
      from: z.number(),
      to: z.number(),
      n: count,
      predicted: z.number().nullable(),
      observed: z.number().nullable(),
      interval: interval.nullable(),
    }),
  ),
  diameters: z.array(
    z.strictObject({
      label: z.string(),
      n: count,
      detected: count,
      sensitivity: z.number().nullable(),
      interval: interval.nullable(),
    }),
  ),
  /** Counts over twenty bins of probability, from 0 to 1. */
  histogram: z.strictObject({ positives: z.array(count), negatives: z.array(count) }),
  /** The positive candidates with the lowest probability, lowest first. */
  lowestPositives: z.array(candidate),
  /** The negative candidates with the highest probability, highest first. */
  highestNegatives: z.array(candidate),
  software: z.strictObject({ onnxruntime: z.string() }),
});
export type Report = z.infer<typeof reportSchema>;
export type ReportedCandidate = z.infer<typeof candidate>;
