import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import { isCodedError } from 'coded-error';
import { replaceDirectory, withFileLock } from 'durable-files';
import { type Bundle, type BundleFile, type Evidence, readBundle } from 'model-bundle';
import { registryError } from '../errors';
import { type ArtifactStore, copyBlob } from '../storage/artifact-store';

/**
 * Stores a bundle's files and the list of them. The digest of that list, written canonically, is the bundle's own,
 * so from the one digest in a version's row everything can be found and verified.
 */
export async function storeBundle(store: ArtifactStore, bundle: Bundle): Promise<void> {
  for (const [name, { sha256 }] of Object.entries(bundle.files)) {
    await storeFile(store, bundle.path(name), sha256);
  }
  await storeList(store, bundle.files, bundle.digest);
}

/** Stores the files of an evidence folder and the evidence itself, under its own digest. */
export async function storeEvidence(
  store: ArtifactStore,
  dir: string,
  evidence: Evidence & { digest: string },
): Promise<void> {
  const { digest, ...payload } = evidence;
  for (const [name, expected] of Object.entries(payload.files)) await storeFile(store, join(dir, name), expected);
  await storeList(store, payload, digest);
}

/** The files of a stored bundle by their names. REGISTRY_BLOB_MISSING, REGISTRY_BLOB_DAMAGED. */
export async function readStoredFiles(store: ArtifactStore, bundleDigest: string): Promise<Record<string, BundleFile>> {
  return JSON.parse(await store.readText(bundleDigest)) as Record<string, BundleFile>;
}

export async function readStoredEvidence(store: ArtifactStore, evidenceDigest: string): Promise<Evidence> {
  return JSON.parse(await store.readText(evidenceDigest)) as Evidence;
}

/** One file of stored evidence as text. REGISTRY_NOT_FOUND, REGISTRY_BLOB_MISSING, REGISTRY_BLOB_DAMAGED. */
export async function readEvidenceFile(store: ArtifactStore, evidenceDigest: string, file: string): Promise<string> {
  const { files } = await readStoredEvidence(store, evidenceDigest);
  const digest = Object.hasOwn(files, file) ? files[file] : undefined;
  if (digest === undefined) throw registryError('REGISTRY_NOT_FOUND', { what: 'File of the evidence', name: file });
  return store.readText(digest);
}

/**
 * A folder with the bundle, verified now. Kept in `cache`; one that was damaged there is made again from the store.
 */
export async function materialise(store: ArtifactStore, bundleDigest: string, cache: string): Promise<string> {
  const dir = join(cache, bundleDigest.slice('sha256:'.length));
  return withFileLock(dir, async () => {
    if (await isIntact(dir, bundleDigest)) return dir;
    const unfinished = `${dir}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    const files = await readStoredFiles(store, bundleDigest);
    for (const [name, { sha256 }] of Object.entries(files)) await copyBlob(store, sha256, join(unfinished, name));
    await writeFile(join(unfinished, 'manifest.json'), `${JSON.stringify({ files }, null, 2)}\n`);
    await replaceDirectory(unfinished, dir);
    return (await readBundle(dir)).dir;
  });
}

async function isIntact(dir: string, bundleDigest: string): Promise<boolean> {
  try {
    return (await readBundle(dir)).digest === bundleDigest;
  } catch (error) {
    if (isCodedError(error)) return false;
    throw error;
  }
}

async function storeFile(store: ArtifactStore, path: string, expected: string): Promise<void> {
  const { digest } = await store.putFile(path);
  // The file was verified a moment ago; if it changed since, what was stored is not what was validated.
  if (digest !== expected) throw registryError('REGISTRY_BLOB_DAMAGED', { digest: expected, found: digest });
}

async function storeList(store: ArtifactStore, value: unknown, expected: string): Promise<void> {
  const { digest } = await store.putText(canonicalize(value) ?? '');
  if (digest !== expected) throw registryError('REGISTRY_BLOB_DAMAGED', { digest: expected, found: digest });
}
