/**
 * The schema, as the steps that led to it. Step n takes a file from version n to n+1.
 * A released step is never edited; a change is a further step.
 */
export const MIGRATIONS: readonly string[] = [
  `
CREATE TABLE experiments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  artifact_location TEXT NOT NULL,
  lifecycle_stage TEXT NOT NULL DEFAULT 'active',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
INSERT INTO experiments VALUES (0, 'Default', 'mlflow-artifacts:/0', 'active', 0, 0);
CREATE TABLE experiment_tags (
  experiment_id INTEGER NOT NULL REFERENCES experiments(id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (experiment_id, key)
) WITHOUT ROWID;

CREATE TABLE runs (
  run_id TEXT PRIMARY KEY,
  experiment_id INTEGER NOT NULL REFERENCES experiments(id),
  name TEXT NOT NULL,
  user_id TEXT NOT NULL,
  status TEXT NOT NULL,
  start_time INTEGER NOT NULL,
  end_time INTEGER,
  artifact_uri TEXT NOT NULL,
  lifecycle_stage TEXT NOT NULL DEFAULT 'active'
);
CREATE INDEX runs_by_experiment ON runs(experiment_id, start_time DESC, run_id);
CREATE TABLE params (
  run_id TEXT NOT NULL REFERENCES runs(run_id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (run_id, key)
) WITHOUT ROWID;
CREATE TABLE tags (
  run_id TEXT NOT NULL REFERENCES runs(run_id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (run_id, key)
) WITHOUT ROWID;
-- NaN has no SQL value: it is kept as 0 with is_nan = 1.
CREATE TABLE metrics (
  run_id TEXT NOT NULL REFERENCES runs(run_id),
  key TEXT NOT NULL,
  step INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  value REAL NOT NULL,
  is_nan INTEGER NOT NULL,
  PRIMARY KEY (run_id, key, step, timestamp, value, is_nan)
) WITHOUT ROWID;
CREATE TABLE latest_metrics (
  run_id TEXT NOT NULL REFERENCES runs(run_id),
  key TEXT NOT NULL,
  step INTEGER NOT NULL,
  timestamp INTEGER NOT NULL,
  value REAL NOT NULL,
  is_nan INTEGER NOT NULL,
  PRIMARY KEY (run_id, key)
) WITHOUT ROWID;
CREATE INDEX latest_metrics_by_value ON latest_metrics(key, value);

-- Artifacts are names for stored content; the bytes stand under blobs/ by their digest.
CREATE TABLE artifacts (
  path TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  bytes INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE registered_models (
  name TEXT PRIMARY KEY,
  description TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE TABLE registered_model_tags (
  name TEXT NOT NULL REFERENCES registered_models(name),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (name, key)
) WITHOUT ROWID;
-- version, bundle_digest, evidence_digest and evidence_signature are null for what was only logged through MLflow.
CREATE TABLE model_versions (
  name TEXT NOT NULL REFERENCES registered_models(name),
  number INTEGER NOT NULL,
  version TEXT,
  bundle_digest TEXT,
  evidence_digest TEXT,
  evidence_signature TEXT,
  run_id TEXT NOT NULL,
  source TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  PRIMARY KEY (name, number),
  UNIQUE (name, version),
  UNIQUE (name, bundle_digest, evidence_digest)
);
CREATE TABLE model_version_tags (
  name TEXT NOT NULL,
  number INTEGER NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (name, number, key),
  FOREIGN KEY (name, number) REFERENCES model_versions(name, number)
) WITHOUT ROWID;
CREATE TABLE aliases (
  name TEXT NOT NULL,
  alias TEXT NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (name, alias),
  FOREIGN KEY (name, number) REFERENCES model_versions(name, number)
) WITHOUT ROWID;
CREATE TRIGGER a_version_is_immutable
BEFORE UPDATE OF name, number, version, bundle_digest, evidence_digest, evidence_signature, run_id, source, created_at
ON model_versions BEGIN SELECT RAISE(ABORT, 'a model version is immutable'); END;
CREATE TRIGGER a_version_stays
BEFORE DELETE ON model_versions WHEN OLD.version IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a model version is immutable'); END;

CREATE TABLE history (
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  who TEXT NOT NULL,
  what TEXT NOT NULL,
  name TEXT NOT NULL,
  alias TEXT,
  from_version TEXT,
  to_version TEXT,
  why TEXT NOT NULL,
  details TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX history_by_name ON history(name, alias, seq);
CREATE TRIGGER history_is_never_edited BEFORE UPDATE ON history
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
CREATE TRIGGER history_is_never_deleted BEFORE DELETE ON history
BEGIN SELECT RAISE(ABORT, 'history is append-only'); END;
`,
];
