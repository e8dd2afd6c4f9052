import { z } from 'zod';

/**
 * Which budgets the model keeps. What was measured stands in performance.json beside the report: it differs from run
 * to run, and a report of the same model must not.
 */
export const budgetSection = z.strictObject({
  budgets: z.array(
    z.strictObject({
      /** `latency`, `memory`. */
      name: z.string(),
      title: z.string(),
      limit: z.number(),
      unit: z.string(),
      kept: z.boolean(),
    }),
  ),
});
export type BudgetSection = z.infer<typeof budgetSection>;
