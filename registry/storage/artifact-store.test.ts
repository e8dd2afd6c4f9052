import { mkdtemp, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { sha256 } from 'durable-files';
import { type ArtifactStore, folderStore, removeAbandonedUploads } from './artifact-store';

let folder: string;
let store: ArtifactStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'artifact-store-'));
  store = folderStore(folder);
});

const pathOf = (digest: string) => join(folder, 'sha256', digest.slice(7, 9), digest.slice(9));

async function readAll(digest: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await store.open(digest)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

test('content is found again by its digest, whatever its size', async () => {
  for (const bytes of [0, 1, 1_000_000]) {
    const content = Buffer.alloc(bytes, 7);
    const stored = await store.put(Readable.from([content.subarray(0, 10), content.subarray(10)]));
    expect(stored).toEqual({ digest: sha256(content), bytes });
    expect((await readAll(stored.digest)).equals(content)).toBe(true);
    expect(await store.verify(stored.digest)).toBe('intact');
  }
});

test('a flipped bit is found at load and by verify, and the damaged end is never handed out', async () => {
  const { digest } = await store.put(Readable.from([Buffer.alloc(600_000, 1)]));
  const bytes = await readFile(pathOf(digest));
  bytes[599_999] = 0;
  await writeFile(pathOf(digest), bytes);
  expect(await store.verify(digest)).toBe('damaged');
  let received = 0;
  const reading = async () => {
    for await (const chunk of await store.open(digest)) received += (chunk as Buffer).length;
  };
  await expect(reading()).rejects.toMatchObject({ code: 'REGISTRY_BLOB_DAMAGED' });
  expect(received).toBeLessThan(600_000);
});

test('storing the same content again heals what was damaged', async () => {
  const { digest } = await store.putText('good');
  await writeFile(pathOf(digest), 'bad!');
  await store.putText('good');
  expect(await store.readText(digest)).toBe('good');
});

test('what is not there is named', async () => {
  await expect(store.open(sha256('never'))).rejects.toMatchObject({ code: 'REGISTRY_BLOB_MISSING' });
  expect(await store.verify(sha256('never'))).toBe('missing');
});

test('an upload that breaks off or grows too large leaves nothing', async () => {
  function* broken() {
    yield Buffer.from('start');
    throw new Error('connection lost');
  }
  await expect(store.put(Readable.from(broken()))).rejects.toThrow('connection lost');
  await expect(store.put(Readable.from([Buffer.alloc(100)]), 99)).rejects.toMatchObject({
    code: 'REGISTRY_BODY_TOO_LARGE',
  });
  expect(await readdir(join(folder, 'incoming'))).toEqual([]);
});

test('uploads of killed processes are removed after a day, running ones are left alone', async () => {
  await store.putText('x');
  await writeFile(join(folder, 'incoming', 'old'), '');
  await writeFile(join(folder, 'incoming', 'running'), '');
  const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 3600;
  await utimes(join(folder, 'incoming', 'old'), twoDaysAgo, twoDaysAgo);
  await removeAbandonedUploads(folder);
  expect(await readdir(join(folder, 'incoming'))).toEqual(['running']);
});
