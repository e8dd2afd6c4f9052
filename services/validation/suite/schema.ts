import { isDigest } from 'durable-files';
import { z } from 'zod';
import { probesSettings } from '../probes/settings';
import { strataSchema } from '../strata';
import { championSettings } from './champion-settings';

/** `metric op threshold`, on the estimate or on the bound of its 95 % interval that is worse. */
export const ruleSchema = z
  .strictObject({
    /** Shown in the report and the pull request, in plain words. */
    name: z.string().min(1),
    /** Name of a figure of the report: `auc`, `froc.cpm`, `champion.auc.difference`. */
    metric: z.string().min(1),
    on: z.enum(['point', 'lower', 'upper']),
    op: z.enum(['>=', '<=']),
    threshold: z.number(),
  })
  .refine(({ op, on }) => on === 'point' || on === (op === '>=' ? 'lower' : 'upper'), {
    path: ['on'],
    error: 'must be the pessimistic bound: lower for >=, upper for <=',
  });
export type Rule = z.infer<typeof ruleSchema>;

export const holdoutSchema = z.strictObject({
  /** Name of the dataset, for people; what counts is the digest. */
  dataset: z.string().min(1),
  digest: z.string().refine(isDigest, 'must be sha256: and 64 hexadecimal digits'),
  /** Patient ids as the dataset has them. */
  patients: z
    .array(z.string().min(1))
    .min(2, 'intervals over patients need at least two')
    .refine((ids) => new Set(ids).size === ids.length, 'a patient stands twice'),
});

export const suiteSchema = z.strictObject({
  name: z.string().min(1),
  /** The registered name of the models that this suite judges. */
  model: z.string().min(1),
  /** What the model is for, in the words of those who answer for it; the model card quotes them. */
  intendedUse: z
    .strictObject({ purpose: z.string().min(1), users: z.string().min(1), outOfScope: z.string().min(1) })
    .optional(),
  holdout: holdoutSchema,
  /** The one criterion that the study was planned for; a rule like those of the policy, shown first. */
  primary: ruleSchema,
  /** Names of the figures that matter next; rules on them are shown after the primary one. */
  secondary: z
    .array(z.string().min(1))
    .refine((names) => new Set(names).size === names.length, 'a name stands twice')
    .default([]),
  /** The threshold is fixed on the validation split at this specificity, never on the holdout. */
  operatingPoint: z.strictObject({ specificity: z.number().gt(0).lt(1) }),
  goldenCases: z.strictObject({
    /** Largest allowed difference of a replayed probability. */
    tolerance: z.number().positive(),
  }),
  calibration: z.strictObject({ bins: z.int().min(2).max(100) }),
  /** Decision curve over these threshold probabilities; the figure `netBenefit` is read at one of them. */
  decision: z
    .strictObject({ from: z.number().gt(0), to: z.number().lt(1), at: z.number() })
    .refine(({ from, to, at }) => from < to && from <= at && at <= to, 'must be rising: from ≤ at ≤ to')
    .optional(),
  /** Which kinds of cases are looked at apart. */
  strata: strataSchema.optional(),
  /** How the model is compared with the champion, from the second version on. */
  champion: championSettings.optional(),
  /** FROC and CPM by LUNA16's rules, with a bootstrap over scans. */
  froc: z.strictObject({ resamples: z.int().min(200).max(100_000).default(1000) }).optional(),
  /** Whether a patch gets the same answer however it is asked; largest allowed differences of a probability. */
  determinism: z
    .strictObject({
      /** Cases whose score lies closest to one half. */
      patches: z.int().min(1).max(1024),
      tolerance: z.strictObject({
        /** The same input twice. */
        repeat: z.number().nonnegative(),
        /** A patch alone, and in a batch of 32. */
        batch: z.number().nonnegative(),
        /** ONNX Runtime against TensorFlow.js; not compared when left out. */
        engine: z.number().nonnegative().optional(),
      }),
    })
    .optional(),
  /** Disturbed pictures, and the range of strengths in which the model must hold. */
  probes: probesSettings.optional(),
  /** What an endpoint of one thread may take, at most: milliseconds for one patch (95th percentile), megabytes at the peak. */
  budget: z.strictObject({ latencyMs: z.number().positive(), memoryMb: z.number().positive() }).optional(),
  /** Right and wrong cases whose scores are explained by occlusion; each takes some hundred patches. */
  explanations: z.strictObject({ cases: z.int().min(1).max(64) }).optional(),
  bootstrap: z.strictObject({ resamples: z.int().min(200).max(100_000), seed: z.int() }),
});
export type Suite = z.infer<typeof suiteSchema>;
