import { z } from 'zod';

/** Parameters are for extensions; a caller's unknown ones are ignored, as the protocol asks. */
const parametersSchema = z.record(z.string(), z.unknown());

const requestInputSchema = z.object({
  name: z.string(),
  shape: z.array(z.int().nonnegative()),
  datatype: z.string(),
  parameters: parametersSchema.optional(),
  data: z.unknown().optional().describe('Numbers, flat or nested, rows first. Absent in the binary form.'),
});

const requestOutputSchema = z.object({ name: z.string(), parameters: parametersSchema.optional() });

/** An inference request of the Open Inference Protocol v2. */
export const inferRequestSchema = z.object({
  id: z.string().max(256).optional(),
  parameters: parametersSchema.optional(),
  inputs: z.array(requestInputSchema).min(1),
  outputs: z.array(requestOutputSchema).optional(),
});

export type InferRequest = z.infer<typeof inferRequestSchema>;

export const inferResponseSchema = z.object({
  model_name: z.string(),
  model_version: z.string().describe('Semantic version'),
  id: z.string().optional(),
  outputs: z.array(
    z.object({
      name: z.string(),
      shape: z.array(z.int()),
      datatype: z.literal('FP32'),
      data: z.array(z.number()).optional(),
      parameters: z.object({ binary_data_size: z.int() }).optional(),
    }),
  ),
});

export type InferResponse = z.infer<typeof inferResponseSchema>;

const tensorMetadataSchema = z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.int()) });

export const modelMetadataSchema = z.object({
  name: z.string(),
  versions: z.array(z.string()),
  platform: z.string(),
  inputs: z.array(tensorMetadataSchema),
  outputs: z.array(tensorMetadataSchema),
  parameters: z
    .object({ bundle_digest: z.string(), labels: z.array(z.string()), positive_label: z.string() })
    .describe('What the protocol has no word for'),
});

export const serverMetadataSchema = z.object({
  name: z.string(),
  version: z.string(),
  extensions: z.array(z.string()),
});
