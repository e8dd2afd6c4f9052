import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ensureGateKey,
  type GateKey,
  type Performance,
  readEvidence,
  readGatePublicKey,
  readPerformance,
  ruleHolds,
  writeEvidence,
} from '.';

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const rule = {
  name: 'auc',
  metric: 'auc',
  on: 'point',
  op: '>=',
  threshold: 0.9,
  value: 0.95,
  outcome: 'pass',
} as const;
const claims = {
  bundleDigest: digest('1'),
  suiteDigest: digest('2'),
  policyDigest: digest('4'),
  datasetDigest: digest('3'),
  verdict: 'pass' as const,
  rules: [rule],
};

let folder: string;
let dir: string;
let key: GateKey;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evidence-'));
  dir = join(folder, 'evidence');
  key = await ensureGateKey(join(folder, 'keys'));
});

const write = () => writeEvidence(dir, claims, { 'report.json': '{}', 'scores.csv': 'id\n' }, key.privateKeyPem);

test('evidence reads back as it was signed, under the same digest', async () => {
  const { digest: written } = await write();
  const read = await readEvidence(dir, key.publicKeyPem);
  expect(read).toMatchObject({ ...claims, digest: written });
  expect(Object.keys(read.files).sort()).toEqual(['report.json', 'scores.csv']);
});

test('a changed figure, a changed report and the key of another gate are all found', async () => {
  await write();
  const path = join(dir, 'evidence.json');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('0.95', '0.99'));
  await expect(readEvidence(dir, key.publicKeyPem)).rejects.toMatchObject({ code: 'EVIDENCE_SIGNATURE_INVALID' });
  await writeFile(path, text);
  const other = await ensureGateKey(join(folder, 'other'));
  await expect(readEvidence(dir, other.publicKeyPem)).rejects.toMatchObject({ code: 'EVIDENCE_SIGNATURE_INVALID' });
  await writeFile(join(dir, 'report.json'), '{"auc":1}');
  await expect(readEvidence(dir, key.publicKeyPem)).rejects.toMatchObject({ code: 'EVIDENCE_DIGEST_MISMATCH' });
  await rm(join(dir, 'report.json'));
  await expect(readEvidence(dir)).rejects.toMatchObject({ code: 'EVIDENCE_FILE_MISSING' });
  await write();
  await writeFile(join(dir, 'added'), '');
  await expect(readEvidence(dir)).rejects.toMatchObject({ code: 'EVIDENCE_FILE_UNKNOWN' });
});

test('absent or unreadable evidence is named', async () => {
  await expect(readEvidence(dir)).rejects.toMatchObject({ code: 'EVIDENCE_NOT_FOUND' });
  await write();
  await writeFile(join(dir, 'evidence.json'), '{"verdict":"pass"}');
  await expect(readEvidence(dir)).rejects.toMatchObject({ code: 'EVIDENCE_MALFORMED' });
});

test('a rule is judged by its figures, not by what it says of itself', () => {
  expect(ruleHolds({ ...rule, value: 0.9 })).toBe(true);
  expect(ruleHolds({ ...rule, value: 0.8 })).toBe(false);
  expect(ruleHolds({ ...rule, op: '<=', value: 0.8 })).toBe(true);
});

test('the key is made once, for its owner alone, also when several ask at once', async () => {
  const keys = join(folder, 'new');
  await expect(readGatePublicKey(keys)).rejects.toMatchObject({ code: 'GATE_KEY_MISSING' });
  const pairs = await Promise.all(Array.from({ length: 4 }, () => ensureGateKey(keys)));
  expect(new Set(pairs.map(({ privateKeyPem }) => privateKeyPem)).size).toBe(1);
  expect(await readGatePublicKey(keys)).toBe(pairs[0]?.publicKeyPem);
  expect((await stat(join(keys, 'gate.key.pem'))).mode & 0o777).toBe(0o600);
});

describe('measurements beside the evidence', () => {
  const performance: Performance = {
    measuredAt: '2026-01-02T03:04:05.000Z',
    machine: {
      processor: 'a processor',
      logicalCores: 2,
      memoryMb: 4096,
      platform: 'linux x64',
      node: '20.19.0',
      onnxruntime: '1.30.0',
    },
    threads: 1,
    latencyMs: { p50: 4, p95: 5, runs: 50 },
    throughput: { batch: 32, patchesPerSecond: 300, runs: 3 },
    peakMemoryMb: 180,
  };
  const measure = (changes: Partial<Performance> = {}) =>
    writeEvidence(dir, claims, { 'report.json': '{}' }, key.privateKeyPem, { ...performance, ...changes });
  const file = () => join(dir, 'performance.json');

  test('read back, and leave the digest of the evidence as it is', async () => {
    const { digest: slow } = await measure({ latencyMs: { p50: 40, p95: 50, runs: 50 } });
    const { digest: fast } = await measure();
    expect(slow).toBe(fast);
    expect((await readEvidence(dir, key.publicKeyPem)).digest).toBe(fast);
    expect(await readPerformance(dir, fast, key.publicKeyPem)).toEqual(performance);
    await rm(file());
    await readEvidence(dir, key.publicKeyPem);
    expect(await readPerformance(dir, fast, key.publicKeyPem)).toBeNull();
  });

  test('that were changed, or taken from other evidence, are refused', async () => {
    await measure();
    const text = await readFile(file(), 'utf8');
    await writeFile(file(), text.replace('180', '90'));
    await expect(readEvidence(dir, key.publicKeyPem)).rejects.toMatchObject({ code: 'EVIDENCE_PERFORMANCE_INVALID' });
    await writeEvidence(dir, { ...claims, suiteDigest: digest('9') }, { 'report.json': '{}' }, key.privateKeyPem);
    await writeFile(file(), text);
    await expect(readEvidence(dir)).rejects.toThrow('it belongs to other evidence');
    await writeFile(file(), '{');
    await expect(readEvidence(dir)).rejects.toThrow('it is not JSON');
  });
});
