import { z } from 'zod';

const threeNumbers = z.tuple([z.number(), z.number(), z.number()]);

/** What POST /v1/classify answers. */
export const classifyResponseSchema = z.object({
  model: z.object({ name: z.string(), version: z.string(), bundleDigest: z.string() }),
  preprocessing: z
    .object({
      patchSize: threeNumbers,
      unit: z.literal('HU'),
      clip: z.tuple([z.number(), z.number()]),
      padding: z.number(),
      resampleMm: z.number().nullable(),
    })
    .describe('How the patches were cut'),
  candidates: z
    .array(
      z.object({
        xyz: threeNumbers.nullable().describe('World mm, as sent; null for a patch'),
        irc: threeNumbers.nullable().describe('Fractional voxel: slice, row, column'),
        label: z.string().describe('The most probable class'),
        probability: z.number().describe('Of the positive class'),
        logits: z.record(z.string(), z.number()).describe('By class'),
      }),
    )
    .describe('In the order sent'),
});

export type ClassifyResponse = z.infer<typeof classifyResponseSchema>;
