import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Libsql from 'libsql';
import { registryError } from '../errors';
import { MIGRATIONS } from './migrations';

export type SqlValue = string | number | null;

/** The one query layer: synchronous, prepared once a statement, rows as plain objects. */
export interface Database {
  run: (sql: string, ...values: SqlValue[]) => void;
  first: (sql: string, ...values: SqlValue[]) => unknown;
  all: (sql: string, ...values: SqlValue[]) => unknown[];
  /** All of `work` or nothing. The write lock is taken at the start, so what was read in it stays true. */
  transaction: <T>(work: () => T) => T;
  close: () => void;
}

const WAIT_FOR_OTHERS_MS = 30_000;
const MOST_PREPARED = 300;

/**
 * Opens the SQLite file, makes it where there is none, and brings its schema up to date.
 * Every committed transaction is on disk (synchronous=FULL). Throws REGISTRY_SCHEMA_NEWER.
 */
export function openDatabase(file: string): Database {
  mkdirSync(dirname(file), { recursive: true });
  const connection = new Libsql(file, { timeout: WAIT_FOR_OTHERS_MS });
  const statements = new Map<string, Libsql.Statement>();

  function prepared(sql: string): Libsql.Statement {
    let statement = statements.get(sql);
    if (!statement) {
      if (statements.size >= MOST_PREPARED) statements.clear(); // searches make ever new statements
      statements.set(sql, (statement = connection.prepare(sql)));
    }
    return statement;
  }

  const database: Database = {
    run: (sql, ...values) => void prepared(sql).run(...values),
    first: (sql, ...values) => prepared(sql).all(...values)[0],
    all: (sql, ...values) => prepared(sql).all(...values),
    transaction(work) {
      connection.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        connection.exec('COMMIT');
        return result;
      } catch (error) {
        if (connection.inTransaction) connection.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => void connection.close(),
  };
  connection.exec('PRAGMA journal_mode = WAL');
  connection.exec('PRAGMA synchronous = FULL');
  connection.exec('PRAGMA foreign_keys = ON');
  connection.exec('PRAGMA case_sensitive_like = ON');
  migrate(connection, file, database);
  return database;
}

function migrate(connection: Libsql.Database, file: string, database: Database): void {
  const schema = () => (connection.prepare('PRAGMA user_version').all()[0] as { user_version: number }).user_version;
  if (schema() === MIGRATIONS.length) return;
  database.transaction(() => {
    const found = schema(); // another process may have been faster
    if (found > MIGRATIONS.length) {
      throw registryError('REGISTRY_SCHEMA_NEWER', { file, found, known: MIGRATIONS.length });
    }
    for (const sql of MIGRATIONS.slice(found)) connection.exec(sql);
    connection.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}
