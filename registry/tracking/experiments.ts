import { registryError } from '../errors';
import type { Database } from '../storage/database';
import { pageOf, type Page } from './paging';

export interface ExperimentRow {
  id: number;
  name: string;
  artifact_location: string;
  lifecycle_stage: string;
  created_at: number;
  updated_at: number;
}

export interface KeyValue {
  key: string;
  value: string;
}

/** Makes an experiment and returns its id. REGISTRY_ALREADY_EXISTS. */
export function createExperiment(db: Database, name: string, tags: KeyValue[]): string {
  return db.transaction(() => {
    if (findExperiment(db, name)) throw registryError('REGISTRY_ALREADY_EXISTS', { what: 'Experiment', name });
    const now = Date.now();
    const insert = `INSERT INTO experiments (name, artifact_location, created_at, updated_at) VALUES (?, '', ?, ?)`;
    db.run(insert, name, now, now);
    const { id } = findExperiment(db, name)!;
    db.run('UPDATE experiments SET artifact_location = ? WHERE id = ?', `mlflow-artifacts:/${id}`, id);
    for (const { key, value } of tags) writeExperimentTag(db, id, key, value);
    return String(id);
  });
}

export function getExperimentByName(db: Database, name: string): ExperimentRow {
  const found = findExperiment(db, name);
  if (!found) throw registryError('REGISTRY_NOT_FOUND', { what: 'Experiment', name });
  return found;
}

export function getExperiment(db: Database, id: string): ExperimentRow {
  const found = db.first('SELECT * FROM experiments WHERE id = ?', id) as ExperimentRow | undefined;
  if (!found) throw registryError('REGISTRY_NOT_FOUND', { what: 'Experiment', name: id });
  return found;
}

export function experimentTags(db: Database, id: number): KeyValue[] {
  return db.all('SELECT key, value FROM experiment_tags WHERE experiment_id = ? ORDER BY key', id) as KeyValue[];
}

export function setExperimentTag(db: Database, id: string, key: string, value: string): void {
  writeExperimentTag(db, getExperiment(db, id).id, key, value);
}

/** Active experiments, newest first. */
export function searchExperiments(db: Database, maxResults: number, pageToken?: string): Page<ExperimentRow> {
  return pageOf(maxResults, pageToken, (limit, offset) => {
    const sql = `SELECT * FROM experiments WHERE lifecycle_stage = 'active' ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?`;
    return db.all(sql, limit, offset) as ExperimentRow[];
  });
}

function findExperiment(db: Database, name: string): ExperimentRow | undefined {
  return db.first('SELECT * FROM experiments WHERE name = ?', name) as ExperimentRow | undefined;
}

function writeExperimentTag(db: Database, id: number, key: string, value: string): void {
  db.run('INSERT OR REPLACE INTO experiment_tags VALUES (?, ?, ?)', id, key, value);
}
