import { z } from 'zod';
import { parseWith } from './schema';
import { bundleError } from './errors';

/** A patch with its known answer, replayed before a deploy. */
export interface GoldenCase {
  id: string;
  /** Base64 of little-endian int16 Hounsfield units in the order slices, rows, columns. */
  patch: string;
  /** One a label, in the order of the signature's labels. */
  probabilities: number[];
}

export const goldenCasesSchema: z.ZodType<GoldenCase[]> = z.array(
  z.strictObject({ id: z.string().min(1), patch: z.base64(), probabilities: z.array(z.number().min(0).max(1)).min(2) }),
);

export function parseGoldenCases(value: unknown): GoldenCase[] {
  return parseWith(goldenCasesSchema, value, (problem) =>
    bundleError('BUNDLE_MALFORMED', { file: 'golden.json', problem }),
  );
}

/** Packs a patch in HU for golden.json. Fractions are rounded: replay the decoded patch, not the original. */
export function encodePatch(hu: ArrayLike<number>): string {
  const bytes = Buffer.alloc(hu.length * 2);
  for (let i = 0; i < hu.length; i++) bytes.writeInt16LE(Math.round(hu[i]!), i * 2);
  return bytes.toString('base64');
}

/** The patch of a golden case, in HU. */
export function decodePatch(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  const hu = new Float32Array(bytes.length >> 1);
  for (let i = 0; i < hu.length; i++) hu[i] = bytes.readInt16LE(i * 2);
  return hu;
}
