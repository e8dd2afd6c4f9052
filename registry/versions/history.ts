import { digestJson } from 'durable-files';
import type { Database } from '../storage/database';

/** One change of state. Rows are only ever added, and each holds the hash of the row before it. */
export interface HistoryRow {
  seq: number;
  /** ISO 8601, UTC. */
  at: string;
  who: string;
  what: 'registered' | 'logged' | 'alias-set' | 'alias-rolled-back' | 'alias-removed';
  name: string;
  alias: string | null;
  /** Semantic versions; `#3` is MLflow's integer of a version that has none. */
  from: string | null;
  to: string | null;
  why: string;
  details: Record<string, string | number | boolean>;
  previous: string;
  hash: string;
}

export type Change = Pick<HistoryRow, 'who' | 'what' | 'name' | 'why'> &
  Partial<Pick<HistoryRow, 'alias' | 'from' | 'to' | 'details'>>;

interface SqlRow extends Omit<HistoryRow, 'from' | 'to' | 'details'> {
  from_version: string | null;
  to_version: string | null;
  details: string;
}

const BEGINNING = `sha256:${'0'.repeat(64)}`;

/** Adds a row. Call it in the transaction that makes the change, so that both stand or neither. */
export function appendHistory(db: Database, change: Change): void {
  const last = db.first('SELECT seq, hash FROM history ORDER BY seq DESC LIMIT 1') as HistoryRow | undefined;
  const row: Omit<HistoryRow, 'hash'> = {
    seq: (last?.seq ?? 0) + 1,
    at: new Date().toISOString(),
    alias: null,
    from: null,
    to: null,
    details: {},
    ...change,
    previous: last?.hash ?? BEGINNING,
  };
  db.run(
    'INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    row.seq,
    row.at,
    row.who,
    row.what,
    row.name,
    row.alias,
    row.from,
    row.to,
    row.why,
    JSON.stringify(row.details),
    row.previous,
    digestJson(row),
  );
}

/** Oldest first; of one model where a name is given. */
export function readHistory(db: Database, name?: string): HistoryRow[] {
  const rows =
    name === undefined
      ? db.all('SELECT * FROM history ORDER BY seq')
      : db.all('SELECT * FROM history WHERE name = ? ORDER BY seq', name);
  return (rows as SqlRow[]).map(({ from_version, to_version, details, ...row }) => ({
    ...row,
    from: from_version,
    to: to_version,
    details: JSON.parse(details) as HistoryRow['details'],
  }));
}

/** The first row whose content or place is not the one that was hashed, or undefined where the chain holds. */
export function firstBrokenRow(rows: readonly HistoryRow[]): HistoryRow | undefined {
  let previous = BEGINNING;
  let seq = 0;
  for (const { hash, ...row } of rows) {
    if (row.seq !== ++seq || row.previous !== previous || digestJson(row) !== hash) return { hash, ...row };
    previous = hash;
  }
  return undefined;
}

/** What an alias pointed at, oldest first, as rollbacks left it: the last is now, the one before is rolled back to. */
export function aliasStack(rows: readonly HistoryRow[], alias: string): string[] {
  let stack: string[] = [];
  for (const row of rows) {
    if (row.alias !== alias) continue;
    if (row.what === 'alias-set' && row.to !== null) stack.push(row.to);
    else if (row.what === 'alias-rolled-back') stack.pop();
    else if (row.what === 'alias-removed') stack = [];
  }
  return stack;
}
