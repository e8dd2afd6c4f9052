import { z } from 'zod';

/** Most candidates of one request: their patches take 150 MB. */
export const MAX_CANDIDATES = 512;

const xyzSchema = z
  .tuple([z.number(), z.number(), z.number()])
  .describe("World position in mm, LPS as in LUNA16's csv files: x, y, z");

export const candidatesSchema = z
  .array(z.strictObject({ xyz: xyzSchema }))
  .min(1)
  .max(MAX_CANDIDATES);

/** One patch, cut by the caller. */
export const patchRequestSchema = z.strictObject({
  patch: z.strictObject({
    hu: z
      .union([z.string(), z.array(z.number())])
      .describe('Hounsfield units, columns fastest: base64 of little-endian int16, or numbers'),
    shape: z.tuple([z.literal(32), z.literal(48), z.literal(48)]).describe('Slices, rows, columns'),
  }),
});

/** A scan in JSON. */
export const scanRequestSchema = z.strictObject({
  volume: z.string().describe('Base64 of an .mha file'),
  candidates: candidatesSchema,
});

/** The JSON form of POST /v1/classify. */
export const classifyJsonSchema = z.union([patchRequestSchema, scanRequestSchema]);
