import { z } from 'zod';
import type { ExperimentRow, KeyValue } from '../tracking/experiments';
import type { MetricPoint } from '../tracking/metrics';
import type { RunRecord, RunRow } from '../tracking/runs';

/** How MLflow writes its things as JSON (protobuf's JSON form), and how its clients send them. */

export const idText = z.union([z.string(), z.number()]).transform(String);
export const integer = z.coerce.number().pipe(z.int());
/** JSON has no NaN and no infinity; protobuf writes them as strings. */
export const double = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);
const key = z.string().min(1).max(250);
export const paramSchema: z.ZodType<KeyValue> = z.object({ key, value: z.string().max(6000).default('') });
export const tagSchema: z.ZodType<KeyValue> = z.object({ key, value: z.string().max(8000).default('') });
export const metricSchema: z.ZodType<MetricPoint> = z.object({
  key,
  value: double,
  timestamp: integer,
  step: integer.default(0),
});
export const pageSize = (standard: number, most: number) => integer.pipe(z.int().min(1).max(most)).default(standard);

export function experimentJson(row: ExperimentRow, tags: KeyValue[]) {
  return {
    experiment_id: String(row.id),
    name: row.name,
    artifact_location: row.artifact_location,
    lifecycle_stage: row.lifecycle_stage,
    creation_time: row.created_at,
    last_update_time: row.updated_at,
    tags,
  };
}

export function runJson({ run, params, tags, metrics }: RunRecord) {
  return {
    info: runInfoJson(run),
    data: { metrics: metrics.map(metricJson), params, tags },
    inputs: {},
  };
}

export function runInfoJson(run: RunRow) {
  return {
    run_id: run.run_id,
    run_uuid: run.run_id,
    run_name: run.name,
    experiment_id: String(run.experiment_id),
    user_id: run.user_id,
    status: run.status,
    start_time: run.start_time,
    ...(run.end_time !== null && { end_time: run.end_time }),
    artifact_uri: run.artifact_uri,
    lifecycle_stage: run.lifecycle_stage,
  };
}

export function metricJson({ value, ...rest }: MetricPoint) {
  return { ...rest, value: Number.isFinite(value) ? value : String(value) };
}

export function fileJson({ path, isDirectory, bytes }: { path: string; isDirectory: boolean; bytes: number }) {
  return isDirectory ? { path, is_dir: true } : { path, is_dir: false, file_size: bytes };
}

export function pageTokenJson(nextPageToken: string | undefined) {
  return nextPageToken === undefined ? {} : { next_page_token: nextPageToken };
}
