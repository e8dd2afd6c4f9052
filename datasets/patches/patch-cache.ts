import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, replaceDirectory, writeJsonDurably } from 'durable-files';
import { z } from 'zod';

/** Bytes a read, a write and an update of the hash take at once. */
const CHUNK = 1 << 26;
const ABANDONED_MS = 3_600_000;

const descriptionSchema = z.object({ digest: z.string(), patches: z.number(), sha256: z.string() });

/** The patches kept under this digest, or undefined where there are none or they are damaged: a cache may always be lost. */
export async function readCachedPatches(
  cacheDir: string,
  digest: string,
  patches: number,
  voxels: number,
): Promise<Int16Array | undefined> {
  const folder = folderOf(cacheDir, digest);
  const description = descriptionSchema.safeParse(await readJson(join(folder, 'patches.json')).catch(nothing)).data;
  if (description?.digest !== digest || description.patches !== patches) return undefined;
  const hu = new Int16Array(patches * voxels);
  const found = await readInto(join(folder, 'patches.i16'), new Uint8Array(hu.buffer)).catch(nothing);
  return found === description.sha256 ? hu : undefined;
}

/** Writes `<cacheDir>/<digest>/patches.i16` (int16, little-endian) and `patches.json`, both or neither. */
export async function writeCachedPatches(
  cacheDir: string,
  digest: string,
  hu: Int16Array,
  patches: number,
): Promise<void> {
  const folder = folderOf(cacheDir, digest);
  const building = `${folder}.${randomBytes(6).toString('hex')}.tmp`;
  await mkdir(building, { recursive: true });
  await removeAbandoned(cacheDir);
  try {
    const bytes = new Uint8Array(hu.buffer, hu.byteOffset, hu.byteLength);
    const written = await writeFrom(join(building, 'patches.i16'), bytes);
    await writeJsonDurably(join(building, 'patches.json'), {
      digest,
      patches,
      sha256: written,
    });
    await replaceDirectory(building, folder);
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    throw error;
  }
}

/** A killed process leaves its half-built folder; after an hour nobody is building it any more. */
async function removeAbandoned(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    if (!name.endsWith('.tmp')) continue;
    const path = join(cacheDir, name);
    const changed = await stat(path).then(({ mtimeMs }) => mtimeMs, nothing);
    if (changed !== undefined && Date.now() - changed > ABANDONED_MS) await rm(path, { recursive: true, force: true });
  }
}

function folderOf(cacheDir: string, digest: string): string {
  return join(cacheDir, digest.replace('sha256:', ''));
}

/** Fills `bytes` from the file and returns their SHA-256; of fewer bytes where the file is shorter. */
async function readInto(path: string, bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'r');
  try {
    for (let at = 0; at < bytes.length;) {
      const { bytesRead } = await file.read(bytes, at, Math.min(CHUNK, bytes.length - at), at);
      if (bytesRead === 0) break;
      hash.update(bytes.subarray(at, at + bytesRead));
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

async function writeFrom(path: string, bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'w');
  try {
    for (let at = 0; at < bytes.length; at += CHUNK) {
      const chunk = bytes.subarray(at, at + CHUNK);
      hash.update(chunk);
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

function nothing(): undefined {
  return undefined;
}
