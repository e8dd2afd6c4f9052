import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { datasetError } from './errors';
import { openLuna16 } from './luna16';
import type { Dataset } from './manifest';
import { DATASET_FILE, openNiftiCsv } from './nifti-csv';
import { generatePhantom } from './phantom';

export type Progress = (done: number, total: number) => void;

/** A kind of dataset: what the config may say of it, and how it is opened. */
interface DatasetKind<Schema extends z.ZodType> {
  schema: Schema;
  open: (config: z.output<Schema>, options: { onProgress?: Progress }) => Promise<Dataset>;
  /** Makes what is not there, or goes on with what is half made. */
  make?: (config: z.output<Schema>, onProgress: Progress) => Promise<void>;
}

function defineKind<Schema extends z.ZodType>(kind: DatasetKind<Schema>): DatasetKind<Schema> {
  return kind;
}

const dir = z.string().min(1);

const phantom = defineKind({
  schema: z.strictObject({
    name: z.literal('phantom'),
    dir,
    scans: z.int().positive().default(20),
    seed: z.int().min(0).default(1),
    /** 0 (easy) to 1 (hard). */
    difficulty: z.number().min(0).max(1).default(0.5),
  }),
  open: (config, options) => openLuna16(config.dir, options),
  make: (config, onProgress) => generatePhantom(config.dir, { ...config, onProgress }),
});

const luna16 = defineKind({
  schema: z.strictObject({ name: z.literal('luna16'), dir, task: z.enum(['nodule', 'malignancy']).default('nodule') }),
  open: (config, options) => openLuna16(config.dir, { ...options, task: config.task }),
});

const niftiCsv = defineKind({
  schema: z.strictObject({ name: z.literal('nifti-csv'), dir }),
  open: (config, options) => openNiftiCsv(config.dir, options),
});

/** Every kind by its name: a dataset of your own is one more line here and in the list below, and a folder beside. */
const KINDS = { phantom, luna16, 'nifti-csv': niftiCsv };

/** What the config says of a dataset: its kind by `name`, its folder `dir`, and what that kind asks for besides. */
export const datasetConfigSchema = z.discriminatedUnion('name', [phantom.schema, luna16.schema, niftiCsv.schema]);
export type DatasetConfig = z.output<typeof datasetConfigSchema>;

/**
 * Opens a dataset of any kind. What has a default may be left out.
 *
 * @throws CodedError DATASET_CONFIG_INVALID, which names the kinds, and what opening that kind throws.
 *
 * ```ts
 * const dataset = await openDataset({ name: 'luna16', dir: 'data/luna16' });
 * ```
 */
export async function openDataset(
  config: z.input<typeof datasetConfigSchema>,
  options: { onProgress?: Progress } = {},
): Promise<Dataset> {
  const parsed = parseConfig(config);
  return kindOf(parsed).open(parsed, options);
}

/** Opens a folder whatever its kind is: one with a `dataset.yaml` is `nifti-csv`, any other has LUNA16's layout. */
export function openDatasetFolder(folder: string, options: { onProgress?: Progress } = {}): Promise<Dataset> {
  const name = existsSync(join(folder, DATASET_FILE)) ? 'nifti-csv' : 'luna16';
  return openDataset({ name, dir: folder }, options);
}

/** Makes a dataset that a program can make, as the phantom; any other is left as it is. */
export async function makeDataset(config: DatasetConfig, onProgress: Progress): Promise<void> {
  await kindOf(config).make?.(config, onProgress);
}

/** The kind of this very config: the name has chosen both. */
function kindOf(config: DatasetConfig): DatasetKind<typeof datasetConfigSchema> {
  return KINDS[config.name] as unknown as DatasetKind<typeof datasetConfigSchema>;
}

function parseConfig(config: unknown): DatasetConfig {
  const { data, error } = datasetConfigSchema.safeParse(config);
  if (data) return data;
  const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'dataset'}: ${message}`).join('; ');
  throw datasetError('DATASET_CONFIG_INVALID', { problems, kinds: Object.keys(KINDS).join(', ') });
}
