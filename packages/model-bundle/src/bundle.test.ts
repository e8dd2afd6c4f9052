import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type BundleContent, decodePatch, encodePatch, readBundle, readGoldenCases, writeBundle } from '.';

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

const content: BundleContent = {
  signature: {
    name: 'nodule-classifier',
    task: 'classification',
    inputs: [{ name: 'patch', datatype: 'FP32', shape: [-1, 1, 32, 48, 48] }],
    outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 2] }],
    labels: ['non-nodule', 'nodule'],
    positiveLabel: 'nodule',
    preprocessing: { patchSize: [32, 48, 48], unit: 'HU', clip: [-1000, 1000], padding: -1000, resampleMm: null },
  },
  lineage: {
    git: { commit: 'abc', dirty: false },
    dataset: { name: 'phantom', digest: digest('1') },
    split: { digest: digest('2'), train: [{ patient: digest('3'), series: [digest('4')] }], validation: [] },
    configDigest: digest('5'),
    image: null,
    seed: 1,
    engine: { name: 'onnx', version: '1', precision: 'float32' },
  },
  files: { 'model.onnx': new Uint8Array([8, 9]), 'config.yaml': 'seed: 1\n' },
  goldenCases: [{ id: 'c1', patch: encodePatch([-1000, 40]), probabilities: [0.25, 0.75] }],
};

let folder: string;
let dir: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'model-bundle-'));
  dir = join(folder, 'bundle');
});

test('a bundle reads back as it was written, with a path to each of its files', async () => {
  const written = await writeBundle(dir, content);
  const read = await readBundle(dir);
  expect(read.digest).toBe(written.digest);
  expect(read.signature).toEqual(content.signature);
  expect(read.lineage).toEqual(content.lineage);
  expect(Object.keys(read.files).sort()).toEqual(
    ['config.yaml', 'golden.json', 'lineage.json', 'model.onnx', 'signature.json'].sort(),
  );
  expect([...(await readFile(read.path('model.onnx')))]).toEqual([8, 9]);
  expect(await readGoldenCases(read)).toEqual(content.goldenCases);
  expect(await readdir(folder)).toEqual(['bundle']);
});

test('the digest depends on the content and on nothing else', async () => {
  const { digest: first } = await writeBundle(dir, content);
  const { digest: elsewhere } = await writeBundle(join(folder, 'elsewhere'), content);
  const changed = { ...content, files: { ...content.files, 'model.onnx': new Uint8Array([8, 8]) } };
  const { digest: other } = await writeBundle(dir, changed);
  expect(elsewhere).toBe(first);
  expect(other).not.toBe(first);
});

test('a damaged, missing, added or absent file is named', async () => {
  await expect(readBundle(dir)).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' });
  await writeBundle(dir, content);
  await appendFile(join(dir, 'config.yaml'), ' ');
  await expect(readBundle(dir)).rejects.toMatchObject({
    code: 'BUNDLE_DIGEST_MISMATCH',
    details: { file: 'config.yaml' },
  });
  await writeBundle(dir, content);
  await rm(join(dir, 'model.onnx'));
  await expect(readBundle(dir)).rejects.toMatchObject({ code: 'BUNDLE_FILE_MISSING', details: { file: 'model.onnx' } });
  const bundle = await writeBundle(dir, content);
  expect(() => bundle.path('weights.bin')).toThrow('has no file weights.bin');
  await writeFile(join(dir, 'extra.bin'), '');
  await expect(readBundle(dir)).rejects.toMatchObject({ code: 'BUNDLE_FILE_UNKNOWN', details: { file: 'extra.bin' } });
});

test('a signature that contradicts itself is refused and leaves the old bundle as it was', async () => {
  const { digest: before } = await writeBundle(dir, content);
  const signature = { ...content.signature, positiveLabel: 'cyst' };
  await expect(writeBundle(dir, { ...content, signature })).rejects.toMatchObject({
    code: 'BUNDLE_MALFORMED',
    message: 'signature.json of the bundle cannot be read: positiveLabel: is none of the labels',
  });
  expect((await readBundle(dir)).digest).toBe(before);
  expect(await readdir(folder)).toEqual(['bundle']);
});

test.each(['../x', 'a/b', '/x', '', 'manifest.json', 'signature.json'])('no file may be called "%s"', async (name) => {
  await expect(writeBundle(dir, { ...content, files: { [name]: '' } })).rejects.toMatchObject({
    code: 'BUNDLE_FILE_NAME',
  });
});

test('a manifest that is not one is refused', async () => {
  await writeBundle(dir, content);
  for (const text of ['{', '[]', '{"files":{"../x":{"sha256":"sha256:0","bytes":1}}}']) {
    await writeFile(join(dir, 'manifest.json'), text);
    await expect(readBundle(dir)).rejects.toMatchObject({ code: 'BUNDLE_MALFORMED' });
  }
});

test('a golden patch keeps every whole Hounsfield unit', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -32768, max: 32767 })), (hu) => {
      expect([...decodePatch(encodePatch(hu))]).toEqual(hu);
    }),
  );
});
