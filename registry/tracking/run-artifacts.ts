import type { Readable } from 'node:stream';
import { registryError } from '../errors';
import type { ArtifactStore } from '../storage/artifact-store';
import type { Database } from '../storage/database';

export interface ArtifactEntry {
  path: string;
  isDirectory: boolean;
  bytes: number;
}

interface ArtifactRow {
  path: string;
  digest: string;
  bytes: number;
}

/** Where the files of registered versions are shown to MLflow clients. Nobody writes there but `register`. */
export const VERSIONS_FOLDER = 'versions';

const SCHEME = 'mlflow-artifacts:/';

/** `mlflow-artifacts:/1/abc/artifacts` → `1/abc/artifacts`. */
export function artifactRoot(uri: string): string {
  if (!uri.startsWith(SCHEME)) {
    throw registryError('REGISTRY_INVALID', { problem: `${uri} is not stored by this server` });
  }
  return uri.slice(SCHEME.length);
}

/** Stores a stream under a path; what stood there is replaced once the whole has arrived. */
export async function writeArtifact(
  db: Database,
  store: ArtifactStore,
  path: string,
  content: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<void> {
  refuseReadOnly(path);
  const { digest, bytes } = await store.put(content, limit);
  db.transaction(() => {
    refuseFileAsFolder(db, path);
    db.run('INSERT OR REPLACE INTO artifacts VALUES (?, ?, ?)', path, digest, bytes);
  });
}

export async function openArtifact(
  db: Database,
  store: ArtifactStore,
  path: string,
): Promise<{ bytes: number; content: Readable }> {
  const row = db.first('SELECT * FROM artifacts WHERE path = ?', path) as ArtifactRow | undefined;
  if (!row) throw registryError('REGISTRY_NOT_FOUND', { what: 'Artifact', name: path });
  return { bytes: row.bytes, content: await store.open(row.digest) };
}

/** Forgets a file or a folder of files. The bytes stay until they are collected. */
export function deleteArtifact(db: Database, path: string): void {
  refuseReadOnly(path);
  db.run('DELETE FROM artifacts WHERE path = ? OR (path > ? AND path < ?)', path, `${path}/`, `${path}0`);
}

/** What stands directly in a folder; paths are relative to `root`. A path that is a file lists nothing, as in MLflow. */
export function listArtifacts(db: Database, root: string, folder = ''): ArtifactEntry[] {
  const parent = [root, folder].filter((part) => part !== '').join('/');
  const prefix = parent === '' ? '' : `${parent}/`;
  const entries = new Map<string, ArtifactEntry>();
  // "0" is the character after "/": the range holds every path that begins with the prefix.
  const rows =
    parent === ''
      ? db.all('SELECT * FROM artifacts')
      : db.all('SELECT * FROM artifacts WHERE path > ? AND path < ?', prefix, `${parent}0`);
  for (const { path, bytes } of rows as ArtifactRow[]) {
    const [name = '', ...rest] = path.slice(prefix.length).split('/');
    const relative = folder === '' ? name : `${folder}/${name}`;
    const isDirectory = rest.length > 0;
    entries.set(relative, { path: relative, isDirectory, bytes: isDirectory ? 0 : bytes });
  }
  return [...entries.values()];
}

function refuseReadOnly(path: string): void {
  if (path.split('/')[0] === VERSIONS_FOLDER) {
    throw registryError('REGISTRY_ARTIFACT_PATH', { path, problem: 'registered versions are immutable' });
  }
}

function refuseFileAsFolder(db: Database, path: string): void {
  const segments = path.split('/');
  const parents = segments.slice(1).map((_, i) => segments.slice(0, i + 1).join('/'));
  const isFile = (parent: string) => db.first('SELECT 1 FROM artifacts WHERE path = ?', parent) !== undefined;
  const isFolder =
    db.first('SELECT 1 FROM artifacts WHERE path > ? AND path < ?', `${path}/`, `${path}0`) !== undefined;
  if (isFolder || parents.some(isFile)) {
    throw registryError('REGISTRY_ARTIFACT_PATH', { path, problem: 'a file cannot also be a folder' });
  }
}
