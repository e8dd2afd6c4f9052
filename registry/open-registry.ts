import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type ArtifactStore, folderStore, removeAbandonedUploads } from './storage/artifact-store';
import { type Database, openDatabase } from './storage/database';
import { aliasTargets, CHAMPION, removeAlias, rollbackAlias, setAlias } from './versions/aliases';
import { type HistoryRow, readHistory } from './versions/history';
import {
  findVersion,
  type ModelVersion,
  toModelVersion,
  type ValidatedRow,
  validatedRows,
} from './versions/model-versions';
import { register, type Registration } from './versions/register';
import { materialise, readEvidenceFile } from './versions/stored-bundle';
import { type Problem, verifyRegistry } from './versions/verify';

export interface RegistryOptions {
  /** Folder with the public key of the gate that is trusted (`gate.pub.pem`); `<root>/keys` where left out. */
  keyDir?: string;
  /** Who stands in the history; the user of this process where left out. */
  who?: string;
}

/** Runs and model versions under one folder. Several processes may have the same one open. */
export interface Registry {
  root: string;
  keyDir: string;
  db: Database;
  store: ArtifactStore;
  who: string;
  /** Makes a version of what passed the gate; the same bundle and evidence again gives the same version. */
  register: (registration: Registration) => Promise<ModelVersion>;
  /** Finds `name@1.0.0`, `name@^1` or `name@champion` and puts its bundle, verified, in a folder. */
  resolve: (spec: string) => Promise<ModelVersion & { bundleDir: string }>;
  /** As `resolve`, without the bundle. */
  find: (spec: string) => Promise<ModelVersion>;
  /** A file of the evidence that a version was made from, such as `report.json`, verified. REGISTRY_NOT_FOUND. */
  readEvidenceFile: (spec: string, file: string) => Promise<string>;
  /** Oldest first. */
  versions: (name: string) => Promise<ModelVersion[]>;
  /** What an alias (`champion` where left out) pointed at, as rollbacks left it: the last is now. */
  aliasTargets: (name: string, alias?: string) => Promise<ModelVersion[]>;
  /** Promotes: points an alias at a version. `version` is a semantic version, a range or another alias. */
  setAlias: (name: string, alias: string, version: string, why: string) => Promise<ModelVersion>;
  /** Back to what the alias (`champion` where left out) pointed at before; again goes one further back. */
  rollback: (name: string, why: string, alias?: string) => Promise<ModelVersion>;
  removeAlias: (name: string, alias: string, why: string) => Promise<void>;
  /** Oldest first. */
  history: (name?: string) => Promise<HistoryRow[]>;
  /** Everything that is not as it was written; empty where all is well. */
  verify: () => Promise<Problem[]>;
  close: () => void;
}

/** Opens the registry in a folder, or makes one. Throws REGISTRY_SCHEMA_NEWER. */
export function openRegistry(root: string, options: RegistryOptions = {}): Registry {
  const { keyDir = join(root, 'keys'), who = currentUser() } = options;
  const db = openDatabase(join(root, 'registry.sqlite'));
  const blobs = join(root, 'blobs');
  const store = folderStore(blobs);
  void removeAbandonedUploads(blobs);
  const asVersion = (row: ValidatedRow) => toModelVersion(db, row);
  return {
    root,
    keyDir,
    db,
    store,
    who,
    register: async (registration) => asVersion(await register({ db, store, keyDir, who }, registration)),
    async resolve(spec) {
      const row = findVersion(db, spec);
      return { ...asVersion(row), bundleDir: await materialise(store, row.bundle_digest, join(root, 'bundles')) };
    },
    find: (spec) => settled(() => asVersion(findVersion(db, spec))),
    readEvidenceFile: (spec, file) => readEvidenceFile(store, findVersion(db, spec).evidence_digest, file),
    versions: (name) => settled(() => validatedRows(db, name).map(asVersion)),
    aliasTargets: (name, alias = CHAMPION) => settled(() => aliasTargets(db, name, alias).map(asVersion)),
    setAlias: (name, alias, version, why) =>
      settled(() => {
        const row = findVersion(db, `${name}@${version}`);
        setAlias(db, { name, alias, version: row.version, why, who });
        return asVersion(row);
      }),
    rollback: (name, why, alias = CHAMPION) =>
      settled(() => {
        rollbackAlias(db, { name, alias, why, who });
        return asVersion(findVersion(db, `${name}@${alias}`));
      }),
    removeAlias: (name, alias, why) =>
      settled(() => {
        removeAlias(db, { name, alias, why, who });
      }),
    history: (name) => settled(() => readHistory(db, name)),
    verify: () => verifyRegistry(db, store, keyDir),
    close: () => {
      db.close();
    },
  };
}

/** SQLite answers at once; a shared database will not, and callers should not have to care. */
function settled<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}

function currentUser(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env['USER'] ?? 'unknown'; // a container may run as a user without a name
  }
}
