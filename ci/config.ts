import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { shortDigest } from 'durable-files';
import { checkConfig, compose } from 'hydra-compose';
import { z } from 'zod';
import { datasetConfigSchema } from '../datasets';
import { trainingConfigSchema, type TrainingConfig } from '../services/training';
import { policyBeside } from '../services/validation';

const count = z.int().positive();

/** The whole composed config, as `configs/` lays it out. */
export const lungateConfigSchema = z.strictObject({
  /** The experiment that the run is listed under. */
  experiment_name: z.string().min(1),
  tags: z.array(z.string()),
  /** Folder for everything that lungate keeps: data, runs, registry, endpoints. */
  root: z.string().min(1),
  dataset: datasetConfigSchema,
  split: z.strictObject({
    /** Part of the patients outside the holdout that watch the training. */
    validation: z.number().gt(0).lt(1),
    /** A split of one's own: the folder of `lungate data split`, its master.csv, or JSON with lists of patient ids. */
    file: z.string().nullable(),
    /** Which fold of that split is left out of training. */
    fold: z.int().min(0).nullable(),
  }),
  data: z.strictObject({
    /** Folder of the patch cache. */
    cache_dir: z.string().min(1),
    /** Threads that make batches for training; null chooses by the number of cores, 0 makes them in the engine's thread. */
    workers: z.int().min(0).nullable(),
    /** Megabytes that batches, cached patches and scans being cut may take. */
    memory_mb: count,
  }),
  suite: z.strictObject({ file: z.string().min(1) }),
  /** The rules of the gate; null is the policy that lies beside the suite. */
  gate: z.strictObject({ file: z.string().min(1).nullable() }),
  tracking: z.strictObject({
    /** An MLflow server; null starts the embedded one. */
    uri: z.string().nullable(),
  }),
  deploy: z.strictObject({ endpoint: z.string().min(1), host: z.string().min(1), port: z.int().min(0).max(65535) }),
  ...trainingConfigSchema.shape,
});

export type LungateConfig = z.infer<typeof lungateConfigSchema> & {
  /** As the config names it, or the one beside the suite. */
  gate: { file: string };
};

export const CONFIG_DIR = join(__dirname, '..', 'configs');

/**
 * Composes `configs/` with Hydra-style overrides and checks every key.
 * Errors: those of hydra-compose, which name the nearest valid key.
 */
export function loadConfig(overrides: string[]): LungateConfig {
  const { config } = compose({ configDir: CONFIG_DIR, overrides });
  const checked = checkConfig(lungateConfigSchema, config);
  const suite = findFile(checked.suite.file);
  const policy = checked.gate.file === null ? policyBeside(suite) : findFile(checked.gate.file);
  return { ...checked, suite: { file: suite }, gate: { file: policy } };
}

/** As seen from where the person stands, or else from the project: the suites and policies that ship with it. */
function findFile(path: string): string {
  return existsSync(path) ? path : resolve(CONFIG_DIR, '..', path);
}

/** The part of the config that decides what training does; nothing else reaches the bundle. */
export function trainingPart(config: LungateConfig): TrainingConfig {
  const keys = Object.keys(trainingConfigSchema.shape) as (keyof TrainingConfig)[];
  return Object.fromEntries(keys.map((key) => [key, config[key]])) as TrainingConfig;
}

export function registryRoot(config: LungateConfig): string {
  return join(config.root, 'registry');
}

/** Where the uses of holdouts are counted. */
export function ledgerDir(config: LungateConfig): string {
  return join(registryRoot(config), 'holdouts');
}

/** Where the gate's signing key lies; the registry trusts its public half. */
export function gateKeyDir(config: LungateConfig): string {
  return join(registryRoot(config), 'keys');
}

/** Splits are kept by their digest, which a bundle's lineage names. */
export function splitFile(config: LungateConfig, digest: string): string {
  return join(config.root, 'splits', `${shortDigest(digest)}.json`);
}
