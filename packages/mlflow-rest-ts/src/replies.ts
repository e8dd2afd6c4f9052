import { z } from 'zod';

/** 64-bit integers come as numbers or as strings, by the server's version. */
const integer = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);

/** JSON has no NaN and no infinity; protobuf writes them as strings. */
const double = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);

const keyValues = z
  .array(z.object({ key: z.string(), value: z.string().default('') }))
  .default([])
  .transform((items) => Object.fromEntries(items.map(({ key, value }) => [key, value])));

export interface Experiment {
  experimentId: string;
  name: string;
  artifactLocation: string;
  lifecycleStage: string;
  tags: Record<string, string>;
}

const experiment = z
  .object({
    experiment_id: z.string(),
    name: z.string(),
    artifact_location: z.string().default(''),
    lifecycle_stage: z.string().default('active'),
    tags: keyValues,
  })
  .transform((reply): Experiment => ({
    experimentId: reply.experiment_id,
    name: reply.name,
    artifactLocation: reply.artifact_location,
    lifecycleStage: reply.lifecycle_stage,
    tags: reply.tags,
  }));

export const RUN_STATUSES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export interface Run {
  runId: string;
  runName: string;
  experimentId: string;
  status: RunStatus;
  /** Milliseconds since 1970. */
  startTime: number;
  endTime: number | null;
  artifactUri: string;
  lifecycleStage: string;
  params: Record<string, string>;
  /** The latest value of each metric. */
  metrics: Record<string, number>;
  tags: Record<string, string>;
}

const run = z
  .object({
    info: z.object({
      run_id: z.string(),
      run_name: z.string().default(''),
      experiment_id: z.string(),
      status: z.enum(RUN_STATUSES),
      start_time: integer.default(0),
      end_time: integer.nullish(),
      artifact_uri: z.string().default(''),
      lifecycle_stage: z.string().default('active'),
    }),
    data: z
      .object({
        metrics: z.array(z.object({ key: z.string(), value: double.default(0) })).default([]),
        params: keyValues,
        tags: keyValues,
      })
      .default({ metrics: [], params: {}, tags: {} }),
  })
  .transform(({ info, data }): Run => ({
    runId: info.run_id,
    runName: info.run_name,
    experimentId: info.experiment_id,
    status: info.status,
    startTime: info.start_time,
    endTime: info.end_time ?? null,
    artifactUri: info.artifact_uri,
    lifecycleStage: info.lifecycle_stage,
    params: data.params,
    metrics: Object.fromEntries(data.metrics.map(({ key, value }) => [key, value])),
    tags: data.tags,
  }));

export interface MetricPoint {
  key: string;
  value: number;
  /** Milliseconds since 1970. */
  timestamp: number;
  step: number;
}

const metricPoint: z.ZodType<MetricPoint> = z.object({
  key: z.string(),
  value: double.default(0),
  timestamp: integer,
  step: integer.default(0),
});

export interface ArtifactEntry {
  /** Relative to the run's artifact root, with slashes. */
  path: string;
  isDirectory: boolean;
  bytes: number;
}

const artifactEntry = z
  .object({ path: z.string(), is_dir: z.boolean().default(false), file_size: integer.nullish() })
  .transform((reply): ArtifactEntry => ({ path: reply.path, isDirectory: reply.is_dir, bytes: reply.file_size ?? 0 }));

export interface MlflowModelVersion {
  name: string;
  /** MLflow's integer, as text. */
  version: string;
  source: string;
  runId: string;
  status: string;
  aliases: string[];
  tags: Record<string, string>;
}

const modelVersion = z
  .object({
    name: z.string(),
    version: z.coerce.string(),
    source: z.string().default(''),
    run_id: z.string().default(''),
    status: z.string().default('READY'),
    aliases: z.array(z.string()).default([]),
    tags: keyValues,
  })
  .transform(({ run_id, ...rest }): MlflowModelVersion => ({ ...rest, runId: run_id }));

export interface RegisteredModel {
  name: string;
  description: string;
  /** MLflow's integers by alias. */
  aliases: Record<string, string>;
  tags: Record<string, string>;
}

const registeredModel = z
  .object({
    name: z.string(),
    description: z.string().default(''),
    aliases: z.array(z.object({ alias: z.string(), version: z.coerce.string() })).default([]),
    tags: keyValues,
  })
  .transform(({ aliases, ...rest }): RegisteredModel => ({
    ...rest,
    aliases: Object.fromEntries(aliases.map(({ alias, version }) => [alias, version])),
  }));

const pageToken = z.string().default('');

/** What each call answers with, read into the words of this client. */
export const replies = {
  nothing: z.unknown(),
  experimentId: z.object({ experiment_id: z.string() }).transform((reply) => reply.experiment_id),
  experiment: z.object({ experiment }).transform((reply) => reply.experiment),
  experiments: z.object({ experiments: z.array(experiment).default([]), next_page_token: pageToken }),
  run: z.object({ run }).transform((reply) => reply.run),
  runs: z.object({ runs: z.array(run).default([]), next_page_token: pageToken }),
  metrics: z.object({ metrics: z.array(metricPoint).default([]), next_page_token: pageToken }),
  artifacts: z.object({ files: z.array(artifactEntry).default([]), next_page_token: pageToken }),
  registeredModel: z.object({ registered_model: registeredModel }).transform((reply) => reply.registered_model),
  modelVersion: z.object({ model_version: modelVersion }).transform((reply) => reply.model_version),
  modelVersions: z.object({ model_versions: z.array(modelVersion).default([]), next_page_token: pageToken }),
};
