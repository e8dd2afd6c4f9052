import { mkdtemp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  digestFile,
  digestJson,
  readJson,
  replaceDirectory,
  sha256,
  withFileLock,
  writeFileDurably,
  writeJsonDurably,
} from '.';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'durable-files-'));
});

test('a digest is the SHA-256 of the bytes, the same from memory and from disk', async () => {
  const empty = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  expect(sha256('')).toBe(empty);
  await writeFile(join(folder, 'a'), 'abc');
  expect(await digestFile(join(folder, 'a'))).toBe(sha256('abc'));
});

test('the digest of JSON does not depend on the order of keys', () => {
  expect(digestJson({ a: 1, b: [1, 2] })).toBe(digestJson({ b: [1, 2], a: 1 }));
  expect(digestJson({ a: 1 })).not.toBe(digestJson({ a: 2 }));
});

test('a durable write makes its folders, replaces the old content and leaves no temporary file', async () => {
  const path = join(folder, 'deep', 'er', 'state.json');
  expect(await readJson(path)).toBeUndefined();
  await writeJsonDurably(path, { n: 1 });
  await writeJsonDurably(path, { n: 2 });
  expect(await readJson(path)).toEqual({ n: 2 });
  expect(await readdir(join(folder, 'deep', 'er'))).toEqual(['state.json']);
});

test('a folder is replaced whole', async () => {
  await mkdir(join(folder, 'old'));
  await writeFile(join(folder, 'old', 'stale'), 'x');
  await mkdir(join(folder, 'new', 'sub'), { recursive: true });
  await writeFileDurably(join(folder, 'new', 'sub', 'fresh'), 'y');
  await replaceDirectory(join(folder, 'new'), join(folder, 'old'));
  expect(await readdir(join(folder, 'old'))).toEqual(['sub']);
  expect(await readFile(join(folder, 'old', 'sub', 'fresh'), 'utf8')).toBe('y');
});

test('a lock lets one in at a time', async () => {
  let inside = 0;
  const visit = () =>
    withFileLock(join(folder, 'door'), async () => {
      expect(++inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside--;
    });
  await Promise.all([visit(), visit(), visit()]);
});
