import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { niftiCsvError } from './errors';

export const DATASET_FILE = 'dataset.yaml';

const schema = z.strictObject({
  /** Stands in bundles, reports and suites. */
  name: z.string().min(1),
  /** The two classes; the second is the one that is looked for. */
  labels: z
    .tuple([z.string().min(1), z.string().min(1)])
    .refine(([negative, positive]) => negative !== positive, 'the two classes have the same name'),
  /** What places are told in: millimetres in the columns x, y, z, or voxels in i, j, k (column, row, slice, from 0). */
  coordinates: z.enum(['lps', 'ras', 'voxel']).default('lps'),
  /** Whether the scans were made by a program. */
  synthetic: z.boolean().default(false),
});
export type Description = z.infer<typeof schema>;

/** @throws CodedError NIFTI_CSV_NO_DESCRIPTION, NIFTI_CSV_BAD_DESCRIPTION */
export async function readDescription(dir: string): Promise<Description> {
  const file = join(dir, DATASET_FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw niftiCsvError('NIFTI_CSV_NO_DESCRIPTION', { file }, error);
  }
  const bad = (problems: string, cause?: unknown) =>
    niftiCsvError('NIFTI_CSV_BAD_DESCRIPTION', { file, problems }, cause);
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw bad((error as Error).message, error);
  }
  const { data, error } = schema.safeParse(value);
  if (data) return data;
  throw bad(error.issues.map(({ path, message }) => `${path.join('.') || DATASET_FILE}: ${message}`).join('; '));
}
