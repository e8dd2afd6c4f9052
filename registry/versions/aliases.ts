import semver from 'semver';
import { registryError } from '../errors';
import type { Database } from '../storage/database';
import { aliasStack, appendHistory, readHistory } from './history';
import {
  aliasTarget,
  findRow,
  labelOf,
  type ValidatedRow,
  validatedRows,
  versionRows,
  type VersionRow,
} from './model-versions';

/** The version that serves. Only what passed the gate may be it. */
export const CHAMPION = 'champion';

/** Points an alias at a version (semantic, a range, another alias, or `#n`). The same again changes nothing. */
export function setAlias(
  db: Database,
  change: { name: string; alias: string; version: string; why: string; who: string },
): VersionRow {
  const { name, alias, version, why, who } = change;
  if (!isAlias(alias)) throw registryError('REGISTRY_ALIAS_NAME', { alias });
  return db.transaction(() => {
    const target = findRow(db, name, version);
    if (alias === CHAMPION && target.version === null) {
      throw registryError('REGISTRY_ALIAS_NEEDS_EVIDENCE', { alias, name, version: labelOf(target) });
    }
    const from = currentLabel(db, name, alias);
    if (from === labelOf(target)) return target;
    point(db, name, alias, target);
    appendHistory(db, { who, what: 'alias-set', name, alias, from, to: labelOf(target), why });
    return target;
  });
}

/** Points an alias at what it pointed at before; again goes one further back. REGISTRY_NOTHING_BEFORE. */
export function rollbackAlias(
  db: Database,
  { name, alias, why, who }: { name: string; alias: string; why: string; who: string },
): VersionRow {
  return db.transaction(() => {
    const [from, to] = aliasStack(readHistory(db, name), alias).reverse();
    if (from === undefined || to === undefined) throw registryError('REGISTRY_NOTHING_BEFORE', { alias, name });
    const target = versionRows(db, name).find((row) => labelOf(row) === to);
    if (!target) throw registryError('REGISTRY_VERSION_UNKNOWN', { name, version: to, known: 'see its history' });
    point(db, name, alias, target);
    appendHistory(db, { who, what: 'alias-rolled-back', name, alias, from, to, why });
    return target;
  });
}

/** The versions that an alias pointed at, oldest first, as rollbacks left it; what never passed the gate is left out. */
export function aliasTargets(db: Database, name: string, alias: string): ValidatedRow[] {
  const rows = validatedRows(db, name);
  return aliasStack(readHistory(db, name), alias).flatMap(
    (label) => rows.find(({ version }) => version === label) ?? [],
  );
}

export function removeAlias(
  db: Database,
  { name, alias, why, who }: { name: string; alias: string; why: string; who: string },
): void {
  db.transaction(() => {
    const from = currentLabel(db, name, alias);
    if (from === null) throw registryError('REGISTRY_NOT_FOUND', { what: 'Alias', name: alias });
    db.run('DELETE FROM aliases WHERE name = ? AND alias = ?', name, alias);
    appendHistory(db, { who, what: 'alias-removed', name, alias, from, why });
  });
}

/** MLflow's rule, and nothing that could be read as a version or a range. */
function isAlias(alias: string): boolean {
  const isVersion = /^v\d+$/i.test(alias) || alias.toLowerCase() === 'latest' || semver.validRange(alias) !== null;
  return /^[\w-]{1,255}$/.test(alias) && !isVersion;
}

function currentLabel(db: Database, name: string, alias: string): string | null {
  const number = aliasTarget(db, name, alias);
  const row = versionRows(db, name).find((version) => version.number === number);
  return row ? labelOf(row) : null;
}

function point(db: Database, name: string, alias: string, { number }: VersionRow): void {
  db.run('INSERT OR REPLACE INTO aliases VALUES (?, ?, ?)', name, alias, number);
}
