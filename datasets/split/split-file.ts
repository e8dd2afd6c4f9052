import { readFile } from 'node:fs/promises';
import { writeJsonDurably } from 'durable-files';
import { z } from 'zod';
import { splitError } from './errors';
import { type Split, assertDisjoint, splitDigest } from './split-by-patient';

const patientIds = z
  .array(z.string().min(1))
  .refine((ids) => new Set(ids).size === ids.length, 'a patient stands twice');

const splitFileSchema = z.strictObject({
  digest: z.string().optional(),
  seed: z.int().default(0),
  train: patientIds.min(1),
  validation: patientIds.min(1),
  test: patientIds,
});

/** Writes a split as JSON that a person can read and edit. */
export async function writeSplit(file: string, split: Split): Promise<void> {
  await writeJsonDurably(file, split);
}

/**
 * Reads a split file: JSON with the lists `train`, `validation` and `test` of patient ids. The digest is taken anew.
 *
 * @throws CodedError SPLIT_FILE_UNREADABLE; SPLIT_OVERLAP where a patient stands on two sides.
 */
export async function readSplit(file: string): Promise<Split> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw splitError('SPLIT_FILE_UNREADABLE', { file, problem: (error as Error).message }, error);
  }
  const parsed = splitFileSchema.safeParse(value);
  if (!parsed.success) {
    const problem = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    throw splitError('SPLIT_FILE_UNREADABLE', { file, problem });
  }
  const { seed, train, validation, test } = parsed.data;
  const split = { seed, train, validation, test };
  assertDisjoint(split);
  return { digest: splitDigest(split), ...split };
}
