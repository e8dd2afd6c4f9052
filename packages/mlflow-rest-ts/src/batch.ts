import { mlflowError } from './errors';
import type { MetricPoint } from './replies';

/** The API's limits on one log-batch request. */
export const BATCH_LIMITS = { items: 1000, params: 100, tags: 100, bytes: 1_000_000 };

export interface Batch {
  metrics: MetricPoint[];
  params: [key: string, value: string][];
  tags: [key: string, value: string][];
}

export interface WireBatch {
  metrics: { key: string; value: number | string; timestamp: number; step: number }[];
  params: { key: string; value: string }[];
  tags: { key: string; value: string }[];
}

/** JSON has no NaN and no infinity; protobuf's JSON form writes them as strings. */
export function wireNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** Splits what is to be logged into requests within the API's limits, in order: params, tags, metrics. */
export function splitBatch(batch: Batch): WireBatch[] {
  const requests: WireBatch[] = [];
  let current = emptyBatch();
  let bytes = 0;

  function add<Kind extends keyof WireBatch>(kind: Kind, item: WireBatch[Kind][number]): void {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (size > BATCH_LIMITS.bytes - ENVELOPE_BYTES) {
      throw mlflowError('MLFLOW_BATCH_ITEM_TOO_LARGE', { kind, key: item.key, bytes: size, limit: BATCH_LIMITS.bytes });
    }
    if (isFull(current, kind) || bytes + size > BATCH_LIMITS.bytes - ENVELOPE_BYTES) {
      requests.push(current);
      current = emptyBatch();
      bytes = 0;
    }
    (current[kind] as WireBatch[Kind][number][]).push(item);
    bytes += size;
  }

  for (const [key, value] of batch.params) add('params', { key, value });
  for (const [key, value] of batch.tags) add('tags', { key, value });
  for (const point of batch.metrics) add('metrics', { ...point, value: wireNumber(point.value) });
  if (bytes > 0) requests.push(current);
  return requests;
}

/** Room for the run id and the names of the lists. */
const ENVELOPE_BYTES = 1000;

function emptyBatch(): WireBatch {
  return { metrics: [], params: [], tags: [] };
}

function isFull(batch: WireBatch, kind: keyof WireBatch): boolean {
  const items = batch.metrics.length + batch.params.length + batch.tags.length;
  return items >= BATCH_LIMITS.items || (kind !== 'metrics' && batch[kind].length >= BATCH_LIMITS[kind]);
}
