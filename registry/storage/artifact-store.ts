import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { digestFile } from 'durable-files';
import { registryError } from '../errors';

export interface StoredBlob {
  digest: string;
  bytes: number;
}

/** Content by its SHA-256. What `put` has returned is on disk. Nothing is ever changed in place. */
export interface ArtifactStore {
  /** Stores a stream in constant memory. Throws REGISTRY_BODY_TOO_LARGE beyond `limit` bytes. */
  put: (content: AsyncIterable<Uint8Array>, limit?: number) => Promise<StoredBlob>;
  putFile: (path: string) => Promise<StoredBlob>;
  putText: (text: string) => Promise<StoredBlob>;
  /** The content; it is verified on the way, and a damaged end is never handed out. REGISTRY_BLOB_MISSING. */
  open: (digest: string) => Promise<Readable>;
  readText: (digest: string) => Promise<string>;
  has: (digest: string) => Promise<boolean>;
  /** Hashes the stored bytes again. */
  verify: (digest: string) => Promise<'intact' | 'missing' | 'damaged'>;
}

const INCOMING = 'incoming';
const ABANDONED_AFTER_MS = 24 * 3600 * 1000;

/** A store in a folder: `sha256/ab/cdef…`. */
export function folderStore(folder: string): ArtifactStore {
  const pathOf = (digest: string) => {
    const hex = digest.slice('sha256:'.length);
    return join(folder, 'sha256', hex.slice(0, 2), hex.slice(2));
  };

  async function put(content: AsyncIterable<Uint8Array>, limit = Infinity): Promise<StoredBlob> {
    const temporary = join(folder, INCOMING, randomBytes(12).toString('hex'));
    await mkdir(dirname(temporary), { recursive: true });
    const file = await open(temporary, 'wx');
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      for await (const chunk of content) {
        bytes += chunk.length;
        if (bytes > limit) throw registryError('REGISTRY_BODY_TOO_LARGE', { limit });
        hash.update(chunk);
        await file.writeFile(chunk);
      }
      await file.sync();
      await file.close();
      const digest = `sha256:${hash.digest('hex')}`;
      await moveInto(temporary, pathOf(digest));
      return { digest, bytes };
    } catch (error) {
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async function openVerified(digest: string): Promise<Readable> {
    if (!(await exists(pathOf(digest)))) throw registryError('REGISTRY_BLOB_MISSING', { digest });
    const verified = verifying(digest);
    createReadStream(pathOf(digest), { highWaterMark: 1 << 18 })
      .on('error', (error) => verified.destroy(error))
      .pipe(verified);
    return verified;
  }

  return {
    put,
    putFile: (path) => put(createReadStream(path, { highWaterMark: 1 << 20 })),
    putText: (text) => put(single(Buffer.from(text))),
    open: openVerified,
    async readText(digest) {
      const chunks: Buffer[] = [];
      for await (const chunk of await openVerified(digest)) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString('utf8');
    },
    has: (digest) => exists(pathOf(digest)),
    async verify(digest) {
      if (!(await exists(pathOf(digest)))) return 'missing';
      return (await digestFile(pathOf(digest))) === digest ? 'intact' : 'damaged';
    },
  };
}

/** Removes what uploads left behind that were cut off more than a day ago. */
export async function removeAbandonedUploads(folder: string, now = Date.now()): Promise<void> {
  const incoming = join(folder, INCOMING);
  for (const name of await readdir(incoming).catch(() => [])) {
    const path = join(incoming, name);
    const age = await stat(path).then(
      ({ mtimeMs }) => now - mtimeMs,
      () => 0,
    );
    if (age > ABANDONED_AFTER_MS) await rm(path, { force: true });
  }
}

/** Copies a stored blob to a file, verified. */
export async function copyBlob(store: ArtifactStore, digest: string, path: string): Promise<void> {
  const file = await open(path, 'wx');
  await pipeline(await store.open(digest), file.createWriteStream());
}

/** Passes bytes on one chunk late, so that the last is handed out only when the whole was found intact. */
function verifying(digest: string): Transform {
  const hash = createHash('sha256');
  let held: Buffer | undefined;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      if (held) this.push(held);
      held = chunk;
      done();
    },
    flush(done) {
      const found = `sha256:${hash.digest('hex')}`;
      if (found !== digest) {
        done(registryError('REGISTRY_BLOB_DAMAGED', { digest, found }));
        return;
      }
      if (held) this.push(held);
      done();
    },
  });
}

/** Renaming over a blob of the same digest changes nothing, or heals it. */
async function moveInto(temporary: string, final: string): Promise<void> {
  await mkdir(dirname(final), { recursive: true });
  await rename(temporary, final);
  for (const folder of [dirname(final), dirname(dirname(final))]) {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function* single(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(chunk);
}
