import type { z } from 'zod';
import { holdoutSchema, suiteSchema, type Suite } from './schema';

/** The suite as evidence shows it: everything but who the patients of the holdout are, whose digest stands for them. */
export const publishedSuiteSchema = suiteSchema.extend({ holdout: holdoutSchema.omit({ patients: true }) });
export type PublishedSuite = z.infer<typeof publishedSuiteSchema>;

export function publishSuite(suite: Suite): PublishedSuite {
  const { dataset, digest } = suite.holdout;
  return { ...suite, holdout: { dataset, digest } };
}
