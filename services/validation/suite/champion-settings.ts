import { z } from 'zod';

/** Figures on which a model can be compared with the champion; higher is better in all of them. */
export const COMPARED_METRICS = [
  'auc',
  'aucByPatient',
  'averagePrecision',
  'sensitivity',
  'specificity',
  'froc.cpm',
] as const;
export type ComparedMetric = (typeof COMPARED_METRICS)[number];

export const championSettings = z.strictObject({
  /** The endpoints of the comparison: for each, how much worse than the champion would still not matter. */
  margins: z
    .partialRecord(z.enum(COMPARED_METRICS), z.number().gt(0).lt(1))
    .refine((margins) => Object.keys(margins).length > 0, 'must name an endpoint')
    .refine(
      (margins) => margins.auc === undefined || margins.aucByPatient === undefined,
      'auc and aucByPatient are one endpoint with two intervals: name one of them',
    ),
});
export type ChampionSettings = z.infer<typeof championSettings>;
