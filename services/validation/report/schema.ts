import { z } from 'zod';
import {
  budgetSection,
  bundleCheck,
  calibrationSection,
  championSection,
  count,
  decisionSection,
  determinismSection,
  discriminationSection,
  explanationsSection,
  frocSection,
  holdoutUseSection,
  interval,
  probesSection,
  strataSection,
} from './sections';

/** A figure with what it rests on; the interval is 95 %, and null for a figure that is exact. */
const figure = z.strictObject({
  title: z.string().describe('As a heading.'),
  value: z.number().nullable().describe('Null where these cases do not define it.'),
  n: count.describe('How many it rests on.'),
  of: z.string().describe('What n counts: candidates, nodules, patients, scans.'),
  interval: interval
    .extend({ method: z.string().describe('How the interval was made.') })
    .nullable()
    .describe('95 %, two-sided; null for a figure that is exact or not defined.'),
  definition: z.string().describe('What it is, with its source.'),
});

const rule = z.strictObject({
  name: z.string(),
  metric: z.string(),
  on: z.enum(['point', 'lower', 'upper']),
  op: z.enum(['>=', '<=']),
  threshold: z.number(),
  value: z.number().nullable(),
  /** `not applicable`: it compares with the champion, and there is none. */
  outcome: z.enum(['pass', 'fail', 'not applicable']),
  /** How far on the right side of the threshold the value lies. */
  margin: z.number().nullable(),
  endpoint: z.enum(['primary', 'secondary']).nullable(),
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
  format: z.literal('lungate-validation-report/2'),
  verdict: z.enum(['pass', 'fail']),
  rules: z.array(rule).min(1),
  suite: z.strictObject({
    name: z.string(),
    digest: z.string(),
    /** Names of the figures that are its secondary endpoints. */
    secondary: z.array(z.string()),
  }),
  policy: z.strictObject({ name: z.string(), digest: z.string() }),
  /** As the suite declares it; null where it does not. */
  intendedUse: z.strictObject({ purpose: z.string(), users: z.string(), outOfScope: z.string() }).nullable(),
  model: z.strictObject({
    name: z.string(),
    bundle: z.string(),
    negativeLabel: z.string(),
    positiveLabel: z.string(),
    /** The patch: voxels as slices, rows, columns; HU outside are clipped; null keeps the scan's own spacing. */
    input: z.strictObject({
      patchSize: z.tuple([count, count, count]),
      clipHu: z.tuple([z.number(), z.number()]),
      resampleMm: z.number().nullable(),
    }),
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
  operatingPoint: z.strictObject({
    threshold: z.number(),
    targetSpecificity: z.number(),
    positives: count,
    negatives: count,
  }),
  /** Every figure by the name that a rule asks for, in the order in which they are shown. */
  figures: z.record(z.string(), figure),
  /** Each section is null where the suite does not ask for it, or the data cannot give it. */
  bundleChecks: z.array(bundleCheck).nullable(),
  holdoutUse: holdoutUseSection.nullable(),
  discrimination: discriminationSection,
  calibration: calibrationSection,
  decision: decisionSection.nullable(),
  froc: frocSection.nullable(),
  strata: strataSection.nullable(),
  champion: championSection.nullable(),
  probes: probesSection.nullable(),
  determinism: determinismSection.nullable(),
  budget: budgetSection.nullable(),
  explanations: explanationsSection.nullable(),
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
