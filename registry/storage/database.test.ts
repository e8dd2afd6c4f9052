import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from './database';
import { MIGRATIONS } from './migrations';

let file: string;
beforeEach(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'database-')), 'registry.sqlite');
});

test('a new file gets the whole schema, and opening it again changes nothing', () => {
  openDatabase(file).close();
  const db = openDatabase(file);
  expect(db.first('PRAGMA user_version')).toEqual({ user_version: MIGRATIONS.length });
  expect(db.first('PRAGMA synchronous')).toEqual({ synchronous: 2 });
  expect(db.first('PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' });
  db.close();
});

test('a file of a newer Lungate is refused and left as it is', () => {
  const db = openDatabase(file);
  db.run('PRAGMA user_version = 99');
  db.close();
  expect(() => openDatabase(file)).toThrow(`has schema 99, this Lungate knows up to ${MIGRATIONS.length}`);
});

test('a transaction that fails leaves nothing', () => {
  const db = openDatabase(file);
  const failing = () => {
    db.transaction(() => {
      db.run("INSERT INTO registered_models VALUES ('a', '', 0, 0)");
      throw new Error('no');
    });
  };
  expect(failing).toThrow('no');
  expect(db.all('SELECT * FROM registered_models')).toEqual([]);
  db.close();
});

test('history cannot be edited, and a validated version cannot be changed or deleted', () => {
  const db = openDatabase(file);
  db.run("INSERT INTO history VALUES (1, 'now', 'me', 'registered', 'm', NULL, NULL, '1.0.0', '', '{}', '', '')");
  db.run("INSERT INTO registered_models VALUES ('m', '', 0, 0)");
  db.run("INSERT INTO model_versions VALUES ('m', 1, '1.0.0', 'b', 'e', 's', 'r', '', '', 0)");
  for (const sql of [
    "UPDATE history SET who = 'you'",
    'DELETE FROM history',
    "UPDATE model_versions SET bundle_digest = 'x'",
    "UPDATE model_versions SET version = '2.0.0'",
    'DELETE FROM model_versions',
  ]) {
    expect(() => {
      db.run(sql);
    }).toThrow(/append-only|immutable/);
  }
  db.close();
});
