import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureGateKey } from 'model-bundle';
import { openRegistry, type Registry } from '../../registry';
import { MODEL, trainedBundle } from './trained-bundle';

let root: string;
let registry: Registry;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'registry-'));
  registry = openRegistry(root);
  await registry.register(await trainedBundle(registry.keyDir));
  await registry.register(await trainedBundle(registry.keyDir, { weights: 'again', report: { remark: 'another' } }));
  await registry.setAlias(MODEL, 'champion', '1.0.0', 'first');
  expect(await registry.verify()).toEqual([]);
});
afterEach(() => {
  registry.close();
});

const blobPath = (digest: string) => join(root, 'blobs', 'sha256', digest.slice(7, 9), digest.slice(9));

async function flipBit(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(path, bytes);
}

/** As someone would who holds the file: the triggers are no hindrance to them. */
function forge(sql: string): void {
  for (const trigger of [
    'history_is_never_edited',
    'history_is_never_deleted',
    'a_version_is_immutable',
    'a_version_stays',
  ]) {
    registry.db.run(`DROP TRIGGER IF EXISTS ${trigger}`);
  }
  registry.db.run('PRAGMA foreign_keys = OFF');
  registry.db.run(sql);
}

test('a flipped bit in any stored blob is found, and names a version that needs it', async () => {
  const sha256 = join(root, 'blobs', 'sha256');
  const blobs = (await readdir(sha256, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  expect(blobs.length).toBeGreaterThan(8);
  for (const { parentPath, name } of blobs) {
    await flipBit(join(parentPath, name));
    const problems = await registry.verify();
    expect(problems.some(({ version }) => version?.startsWith(`${MODEL}@1.0.`))).toBe(true);
    await flipBit(join(parentPath, name));
  }
  expect(await registry.verify()).toEqual([]);
});

test('a damaged blob is found when its version is loaded', async () => {
  const { bundleDigest } = await registry.find(`${MODEL}@1.0.1`);
  const files = JSON.parse(await readFile(blobPath(bundleDigest), 'utf8')) as Record<string, { sha256: string }>;
  await flipBit(blobPath(files['model.onnx']!.sha256));
  await expect(registry.resolve(`${MODEL}@1.0.1`)).rejects.toMatchObject({ code: 'REGISTRY_BLOB_DAMAGED' });
  expect(await registry.verify()).toContainEqual(
    expect.objectContaining({ kind: 'content', version: `${MODEL}@1.0.1` }),
  );
  await expect(registry.resolve(`${MODEL}@1.0.0`)).resolves.toBeDefined();
});

test.each([
  ['who did it', "UPDATE history SET who = 'nobody' WHERE seq = 2", 'row 2 of the history'],
  ['when', "UPDATE history SET at = '2020-01-01T00:00:00.000Z' WHERE seq = 1", 'row 1 of the history'],
  ['a row cut out of the middle', 'DELETE FROM history WHERE seq = 2', 'row 3 of the history'],
  ['the last row cut off', 'DELETE FROM history WHERE seq = 3', 'the history says nothing'],
  [
    'a version made to point at other bytes',
    "UPDATE model_versions SET bundle_digest = 'sha256:x' WHERE number = 1",
    'is not what was registered',
  ],
  ['a version taken away', 'DELETE FROM model_versions WHERE number = 2', 'was registered and is gone'],
  ['a version renamed', "UPDATE model_versions SET version = '9.0.0' WHERE number = 2", 'stands without its row'],
  ['an alias moved by hand', 'UPDATE aliases SET number = 2', 'points at 1.0.1, the history says 1.0.0'],
  [
    'a signature replaced',
    "UPDATE model_versions SET evidence_signature = 'AAAA' WHERE number = 1",
    "is not signed by the gate's key",
  ],
])('%s is found', async (_, sql, message) => {
  forge(sql);
  const messages = (await registry.verify()).map((problem) => problem.message);
  expect(messages.join('\n')).toContain(message);
});

test("a gate's key that is gone or was exchanged is found", async () => {
  await ensureGateKey(join(root, 'other'));
  await copyFile(join(root, 'other', 'gate.pub.pem'), join(registry.keyDir, 'gate.pub.pem'));
  expect((await registry.verify()).map(({ version }) => version)).toEqual([`${MODEL}@1.0.0`, `${MODEL}@1.0.1`]);
  await rm(join(registry.keyDir, 'gate.pub.pem'));
  expect(await registry.verify()).toEqual([expect.objectContaining({ kind: 'signature' })]);
});
