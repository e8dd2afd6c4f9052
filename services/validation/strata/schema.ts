import { z } from 'zod';

const edges = z
  .array(z.number())
  .min(1)
  .refine((values) => values.every((value, i) => i === 0 || value > values[i - 1]!), 'the edges must rise');
const labels = z
  .array(z.string().min(1))
  .min(1)
  .refine((values) => new Set(values).size === values.length, 'a level stands twice');

/** Which cases are looked at apart. */
export const strataSchema = z.strictObject({
  /** A level with fewer positives than this, or fewer negatives where it has any, concludes nothing. */
  minimumCases: z.int().positive().default(10),
  /**
   * By dimension: `diameter`, `texture`, `sliceThickness`, `spacing`, `pixelSpacing`, or a column of `series.csv`. Numbers
   * are edges between levels; words are all levels that there may be; `all` takes those that the holdout has.
   */
  by: z
    .record(
      z.string().min(1),
      z.union([z.literal('all'), edges, labels], 'must be `all`, a list of edges, or of words'),
    )
    .refine((by) => Object.keys(by).length > 0, 'name at least one dimension'),
});
export type StrataOfSuite = z.output<typeof strataSchema>;
/** How the values of one dimension make levels. */
export type Levels = StrataOfSuite['by'][string];
