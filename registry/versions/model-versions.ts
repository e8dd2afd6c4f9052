import semver from 'semver';
import { registryError } from '../errors';
import type { Database } from '../storage/database';

/** A version that passed the gate. Nothing of it but its aliases ever changes. */
export interface ModelVersion {
  name: string;
  /** Semantic version. */
  version: string;
  /** MLflow's integer. */
  number: number;
  bundleDigest: string;
  evidenceDigest: string;
  runId: string;
  aliases: string[];
  /** ISO 8601, UTC. */
  createdAt: string;
}

/** As it stands in the table: what was only logged through MLflow has no semantic version and no evidence. */
export interface VersionRow {
  name: string;
  number: number;
  version: string | null;
  bundle_digest: string | null;
  evidence_digest: string | null;
  evidence_signature: string | null;
  run_id: string;
  source: string;
  description: string;
  created_at: number;
}

export interface ValidatedRow extends VersionRow {
  version: string;
  bundle_digest: string;
  evidence_digest: string;
  evidence_signature: string;
}

/** Every row of a model, oldest first. */
export function versionRows(db: Database, name: string): VersionRow[] {
  return db.all('SELECT * FROM model_versions WHERE name = ? ORDER BY number', name) as VersionRow[];
}

/** The rows that passed the gate, of one model or of all. */
export function validatedRows(db: Database, name?: string): ValidatedRow[] {
  const where = name === undefined ? '' : 'AND name = ?';
  const sql = `SELECT * FROM model_versions WHERE version IS NOT NULL ${where} ORDER BY name, number`;
  return (name === undefined ? db.all(sql) : db.all(sql, name)) as ValidatedRow[];
}

export function highestVersion(rows: readonly ValidatedRow[]): ValidatedRow | undefined {
  return [...rows].sort((a, b) => semver.rcompare(a.version, b.version))[0];
}

export function nextNumber(db: Database, name: string): number {
  const sql = 'SELECT coalesce(max(number), 0) + 1 AS next FROM model_versions WHERE name = ?';
  return (db.first(sql, name) as { next: number }).next;
}

export function ensureRegisteredModel(db: Database, name: string, now: number): void {
  db.run('INSERT OR IGNORE INTO registered_models VALUES (?, ?, ?, ?)', name, '', now, now);
}

export function insertVersion(db: Database, row: VersionRow): void {
  db.run(
    'INSERT INTO model_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    row.name,
    row.number,
    row.version,
    row.bundle_digest,
    row.evidence_digest,
    row.evidence_signature,
    row.run_id,
    row.source,
    row.description,
    row.created_at,
  );
}

export function toModelVersion(db: Database, row: ValidatedRow): ModelVersion {
  return {
    name: row.name,
    version: row.version,
    number: row.number,
    bundleDigest: row.bundle_digest,
    evidenceDigest: row.evidence_digest,
    runId: row.run_id,
    aliases: aliasesOf(db, row.name, row.number),
    createdAt: new Date(row.created_at).toISOString(),
  };
}

export function aliasesOf(db: Database, name: string, number: number): string[] {
  const rows = db.all('SELECT alias FROM aliases WHERE name = ? AND number = ? ORDER BY alias', name, number);
  return (rows as { alias: string }[]).map(({ alias }) => alias);
}

/** How history names a version: `1.2.0`, or `#3` where there is no semantic version. */
export function labelOf(row: Pick<VersionRow, 'version' | 'number'>): string {
  return row.version ?? `#${row.number}`;
}

/** `name@1.0.0`, `name@^1` (the highest that fits), `name@champion`. REGISTRY_SPEC, REGISTRY_VERSION_UNKNOWN. */
export function findVersion(db: Database, spec: string): ValidatedRow {
  const { name, wanted } = parseSpec(spec);
  const row = findRow(db, name, wanted);
  if (row.version === null) throw registryError('REGISTRY_WITHOUT_BUNDLE', { name, version: labelOf(row) });
  return row as ValidatedRow;
}

/** A version by its semantic version, a range of them, an alias, or `#n`. */
export function findRow(db: Database, name: string, wanted: string): VersionRow {
  const rows = versionRows(db, name);
  const number = aliasTarget(db, name, wanted) ?? (wanted.startsWith('#') ? Number(wanted.slice(1)) : undefined);
  const versions = rows.flatMap(({ version }) => version ?? []);
  const best = semver.validRange(wanted) === null ? null : semver.maxSatisfying(versions, wanted);
  const found = rows.find((row) =>
    number === undefined ? row.version === best && best !== null : row.number === number,
  );
  if (!found) {
    const known = rows.map(labelOf).join(', ') || 'none';
    throw registryError('REGISTRY_VERSION_UNKNOWN', { name, version: wanted, known });
  }
  return found;
}

export function aliasTarget(db: Database, name: string, alias: string): number | undefined {
  const sql = 'SELECT number FROM aliases WHERE name = ? AND alias = ?';
  return (db.first(sql, name, alias) as { number: number } | undefined)?.number;
}

function parseSpec(spec: string): { name: string; wanted: string } {
  const match = /^([A-Za-z0-9][\w-]*)@(\S.*)$/.exec(spec);
  if (!match) throw registryError('REGISTRY_SPEC', { spec });
  return { name: match[1]!, wanted: match[2]! };
}
