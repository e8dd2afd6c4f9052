import { z } from 'zod';
import { interval } from './shapes';

/** Decision curve: net benefit against the threshold probability at which a person would act. */
export const decisionSection = z.strictObject({
  prevalence: z.number(),
  curve: z.array(interval.extend({ threshold: z.number(), model: z.number(), treatAll: z.number() })),
});
export type DecisionSection = z.infer<typeof decisionSection>;
