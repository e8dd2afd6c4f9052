import { z } from 'zod';
import { count } from './shapes';

/** For tasks of more than two classes; everything else in the report sees the positive class against the rest. */
export const multiclassSection = z.strictObject({
  labels: z.array(z.string()),
  /** `[true class][most probable class]`. */
  confusion: z.array(z.array(count)),
  perClass: z.array(
    z.strictObject({
      label: z.string(),
      n: count,
      auc: z.number().nullable(),
      sensitivity: z.number().nullable(),
      ppv: z.number().nullable(),
    }),
  ),
});
export type MulticlassSection = z.infer<typeof multiclassSection>;
