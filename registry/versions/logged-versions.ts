import { registryError } from '../errors';
import type { Database, SqlValue } from '../storage/database';
import type { KeyValue } from '../tracking/experiments';
import { type Clause, parseFilter } from '../tracking/filter';
import { pageOf, type Page } from '../tracking/paging';
import { appendHistory } from './history';
import { aliasTarget, insertVersion, labelOf, nextNumber, versionRows, type VersionRow } from './model-versions';

/** The registry as MLflow's clients know it: registered models, and versions that are integers. */

export interface RegisteredModelRow {
  name: string;
  description: string;
  created_at: number;
  updated_at: number;
}

export function createRegisteredModel(
  db: Database,
  { name, description, tags }: { name: string; description: string; tags: KeyValue[] },
): RegisteredModelRow {
  return db.transaction(() => {
    if (findModel(db, name)) throw registryError('REGISTRY_ALREADY_EXISTS', { what: 'Registered model', name });
    const now = Date.now();
    db.run('INSERT INTO registered_models VALUES (?, ?, ?, ?)', name, description, now, now);
    for (const { key, value } of tags) db.run('INSERT INTO registered_model_tags VALUES (?, ?, ?)', name, key, value);
    return getRegisteredModel(db, name);
  });
}

export function getRegisteredModel(db: Database, name: string): RegisteredModelRow {
  const model = findModel(db, name);
  if (!model) throw registryError('REGISTRY_NOT_FOUND', { what: 'Registered model', name });
  return model;
}

export function searchRegisteredModels(
  db: Database,
  query: { filter?: string | undefined; maxResults: number; pageToken?: string | undefined },
): Page<RegisteredModelRow> {
  const { text, values } = whereOf(query.filter, { name: 'name' });
  return pageOf(query.maxResults, query.pageToken, (limit, offset) => {
    const sql = `SELECT * FROM registered_models WHERE ${text} ORDER BY name LIMIT ? OFFSET ?`;
    return db.all(sql, ...values, limit, offset) as RegisteredModelRow[];
  });
}

export function modelTags(db: Database, name: string): KeyValue[] {
  return db.all('SELECT key, value FROM registered_model_tags WHERE name = ? ORDER BY key', name) as KeyValue[];
}

export function modelAliases(db: Database, name: string): { alias: string; version: string }[] {
  const rows = db.all('SELECT alias, number FROM aliases WHERE name = ? ORDER BY alias', name);
  return (rows as { alias: string; number: number }[]).map(({ alias, number }) => ({ alias, version: String(number) }));
}

/** Notes a version that did not pass the gate: it gets an integer, and no semantic version. */
export function logModelVersion(
  db: Database,
  options: { name: string; source: string; runId: string; description: string; tags: KeyValue[]; who: string },
): VersionRow {
  const { name, source, runId, description, tags, who } = options;
  return db.transaction(() => {
    getRegisteredModel(db, name);
    const row: VersionRow = {
      name,
      number: nextNumber(db, name),
      version: null,
      bundle_digest: null,
      evidence_digest: null,
      evidence_signature: null,
      run_id: runId,
      source,
      description,
      created_at: Date.now(),
    };
    insertVersion(db, row);
    for (const { key, value } of tags) writeVersionTag(db, row, key, value);
    appendHistory(db, {
      who,
      what: 'logged',
      name,
      to: labelOf(row),
      why: 'through MLflow',
      details: { runId, source },
    });
    return row;
  });
}

export function getVersionByNumber(db: Database, name: string, number: number): VersionRow {
  const row = versionRows(db, name).find((version) => version.number === number);
  if (!row) throw registryError('REGISTRY_NOT_FOUND', { what: 'Model version', name: `${name}/${number}` });
  return row;
}

export function getVersionByAlias(db: Database, name: string, alias: string): VersionRow {
  const number = aliasTarget(db, name, alias);
  if (number === undefined) throw registryError('REGISTRY_NOT_FOUND', { what: 'Alias', name: `${name}@${alias}` });
  return getVersionByNumber(db, name, number);
}

/** Newest first. */
export function searchModelVersions(
  db: Database,
  query: { filter?: string | undefined; maxResults: number; pageToken?: string | undefined },
): Page<VersionRow> {
  const columns = { name: 'name', run_id: 'run_id', version_number: 'number', source_path: 'source' };
  const { text, values } = whereOf(query.filter, columns);
  return pageOf(query.maxResults, query.pageToken, (limit, offset) => {
    const sql = `SELECT * FROM model_versions WHERE ${text} ORDER BY created_at DESC, name, number DESC LIMIT ? OFFSET ?`;
    return db.all(sql, ...values, limit, offset) as VersionRow[];
  });
}

/** MLflow's clients see what Lungate knows as tags that they cannot write. */
export function versionTags(db: Database, row: VersionRow): KeyValue[] {
  const sql = 'SELECT key, value FROM model_version_tags WHERE name = ? AND number = ? ORDER BY key';
  const own = db.all(sql, row.name, row.number) as KeyValue[];
  if (row.version === null) return own;
  return [
    ...own,
    { key: 'lungate.version', value: row.version },
    { key: 'lungate.bundle', value: row.bundle_digest ?? '' },
    { key: 'lungate.evidence', value: row.evidence_digest ?? '' },
  ];
}

export function setVersionTag(db: Database, row: VersionRow, key: string, value: string): void {
  if (key.startsWith('lungate.')) {
    throw registryError('REGISTRY_INVALID', { problem: `The tag ${key} follows from the version and cannot be set` });
  }
  writeVersionTag(db, row, key, value);
}

function findModel(db: Database, name: string): RegisteredModelRow | undefined {
  return db.first('SELECT * FROM registered_models WHERE name = ?', name) as RegisteredModelRow | undefined;
}

function writeVersionTag(db: Database, { name, number }: VersionRow, key: string, value: string): void {
  db.run('INSERT OR REPLACE INTO model_version_tags VALUES (?, ?, ?, ?)', name, number, key, value);
}

function whereOf(filter: string | undefined, columns: Record<string, string>): { text: string; values: SqlValue[] } {
  const clauses = parseFilter(filter ?? '');
  const conditions = clauses.map((clause) => comparisonOf(columnOf(clause, columns), clause));
  return { text: ['1 = 1', ...conditions].join(' AND '), values: clauses.flatMap(({ values }) => values) };
}

function columnOf({ entity, key }: Clause, columns: Record<string, string>): string {
  const column = entity === 'attribute' ? columns[key] : undefined;
  if (column === undefined) {
    const problem = `use one of ${Object.keys(columns).join(', ')}`;
    throw registryError('REGISTRY_FILTER', { near: key, problem });
  }
  return column;
}

function comparisonOf(column: string, { operator, values }: Clause): string {
  if (operator === 'ILIKE') return `lower(${column}) LIKE lower(?)`;
  const isList = operator === 'IN' || operator === 'NOT IN';
  return `${column} ${operator} ${isList ? `(${values.map(() => '?').join(', ')})` : '?'}`;
}
