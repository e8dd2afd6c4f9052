import { z } from 'zod';
import { LUNA_PATCH, type PatchContract, voxelsOf } from '../../../datasets';

/** Most candidates of one request, of whatever size: 512 patches of LUNA16's take 150 MB. */
const MOST_CANDIDATES = 512;
const MOST_VOXELS = MOST_CANDIDATES * voxelsOf(LUNA_PATCH);

/** Most candidates of one request to a model with this contract. */
export function mostCandidates(contract: PatchContract): number {
  return Math.max(1, Math.min(MOST_CANDIDATES, Math.floor(MOST_VOXELS / voxelsOf(contract))));
}

const xyzSchema = z
  .tuple([z.number(), z.number(), z.number()])
  .describe("World position in mm, LPS as in LUNA16's csv files: x, y, z");

export function candidatesSchema(contract: PatchContract) {
  return z
    .array(z.strictObject({ xyz: xyzSchema }))
    .min(1)
    .max(mostCandidates(contract));
}

/** One patch, cut by the caller. */
export function patchRequestSchema({ patchSize: [slices, rows, columns] }: PatchContract) {
  return z.strictObject({
    patch: z.strictObject({
      hu: z
        .union([z.string(), z.array(z.number())])
        .describe('Hounsfield units, columns fastest: base64 of little-endian int16, or numbers'),
      shape: z.tuple([z.literal(slices), z.literal(rows), z.literal(columns)]).describe('Slices, rows, columns'),
    }),
  });
}

/** A scan in JSON. */
export function scanRequestSchema(contract: PatchContract) {
  return z.strictObject({
    volume: z.string().describe('Base64 of an .mha file'),
    candidates: candidatesSchema(contract),
  });
}

/** The JSON form of POST /v1/classify to a model with this contract. */
export function classifyJsonSchema(contract: PatchContract) {
  return z.union([patchRequestSchema(contract), scanRequestSchema(contract)]);
}
