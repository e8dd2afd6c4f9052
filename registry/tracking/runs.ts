import { randomUUID } from 'node:crypto';
import { registryError } from '../errors';
import type { Database } from '../storage/database';
import { getExperiment, type KeyValue } from './experiments';
import { latestMetrics, type MetricPoint, writeMetrics } from './metrics';

export const RUN_STATUSES = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export interface RunRow {
  run_id: string;
  experiment_id: number;
  name: string;
  user_id: string;
  status: RunStatus;
  start_time: number;
  end_time: number | null;
  artifact_uri: string;
  lifecycle_stage: string;
}

export interface RunRecord {
  run: RunRow;
  params: KeyValue[];
  tags: KeyValue[];
  metrics: MetricPoint[];
}

const RUN_NAME_TAG = 'mlflow.runName';

export function createRun(
  db: Database,
  options: { experimentId: string; name?: string; userId: string; startTime?: number; tags: KeyValue[] },
): RunRecord {
  const { experimentId, userId, startTime = Date.now(), tags } = options;
  const experiment = getExperiment(db, experimentId);
  const runId = randomUUID().replaceAll('-', '');
  const tagged = tags.find(({ key }) => key === RUN_NAME_TAG)?.value;
  const name = options.name ?? tagged ?? `run-${runId.slice(0, 8)}`;
  const artifactUri = `${experiment.artifact_location}/${runId}/artifacts`;
  return db.transaction(() => {
    const insert = `INSERT INTO runs (run_id, experiment_id, name, user_id, status, start_time, artifact_uri)
                    VALUES (?, ?, ?, ?, 'RUNNING', ?, ?)`;
    db.run(insert, runId, experiment.id, name, userId, startTime, artifactUri);
    for (const { key, value } of [...tags, { key: RUN_NAME_TAG, value: name }]) writeTag(db, runId, key, value);
    return getRun(db, runId);
  });
}

export function getRun(db: Database, runId: string): RunRecord {
  return readRun(db, runRow(db, runId));
}

/** The run with what was logged to it. */
export function readRun(db: Database, run: RunRow): RunRecord {
  const pairs = (table: 'params' | 'tags') =>
    db.all(`SELECT key, value FROM ${table} WHERE run_id = ? ORDER BY key`, run.run_id) as KeyValue[];
  return { run, params: pairs('params'), tags: pairs('tags'), metrics: latestMetrics(db, run.run_id) };
}

export function updateRun(
  db: Database,
  runId: string,
  changes: { status?: RunStatus; endTime?: number; name?: string },
): RunRecord {
  return db.transaction(() => {
    const run = writableRun(db, runId);
    const { status = run.status, endTime = run.end_time, name = run.name } = changes;
    db.run('UPDATE runs SET status = ?, end_time = ?, name = ? WHERE run_id = ?', status, endTime, name, runId);
    if (name !== run.name) writeTag(db, runId, RUN_NAME_TAG, name);
    return getRun(db, runId);
  });
}

/** Active runs take metrics and tags; a deleted one keeps what it has. */
export function setRunLifecycle(db: Database, runId: string, stage: 'active' | 'deleted'): void {
  runRow(db, runId);
  db.run('UPDATE runs SET lifecycle_stage = ? WHERE run_id = ?', stage, runId);
}

/** All of it or nothing. REGISTRY_PARAM_CHANGED where a param stands with another value. */
export function logBatch(
  db: Database,
  runId: string,
  { metrics, params, tags }: { metrics: MetricPoint[]; params: KeyValue[]; tags: KeyValue[] },
): void {
  db.transaction(() => {
    writableRun(db, runId);
    for (const { key, value } of params) writeParam(db, runId, key, value);
    for (const { key, value } of tags) writeRunTag(db, runId, key, value);
    writeMetrics(db, runId, metrics);
  });
}

export function deleteTag(db: Database, runId: string, key: string): void {
  writableRun(db, runId);
  db.run('DELETE FROM tags WHERE run_id = ? AND key = ?', runId, key);
}

function runRow(db: Database, runId: string): RunRow {
  const run = db.first('SELECT * FROM runs WHERE run_id = ?', runId) as RunRow | undefined;
  if (!run) throw registryError('REGISTRY_NOT_FOUND', { what: 'Run', name: runId });
  return run;
}

function writableRun(db: Database, runId: string): RunRow {
  const run = runRow(db, runId);
  if (run.lifecycle_stage !== 'active') throw registryError('REGISTRY_RUN_DELETED', { runId });
  return run;
}

function writeParam(db: Database, runId: string, key: string, value: string): void {
  const known = db.first('SELECT value FROM params WHERE run_id = ? AND key = ?', runId, key) as KeyValue | undefined;
  if (known && known.value !== value) {
    throw registryError('REGISTRY_PARAM_CHANGED', { key, runId, old: known.value, new: value });
  }
  db.run('INSERT OR IGNORE INTO params VALUES (?, ?, ?)', runId, key, value);
}

function writeRunTag(db: Database, runId: string, key: string, value: string): void {
  writeTag(db, runId, key, value);
  if (key === RUN_NAME_TAG) db.run('UPDATE runs SET name = ? WHERE run_id = ?', value, runId);
}

function writeTag(db: Database, runId: string, key: string, value: string): void {
  db.run('INSERT OR REPLACE INTO tags VALUES (?, ?, ?)', runId, key, value);
}
