import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractPatch, ircToXyz, LUNA_PATCH, type PatchContract, type Xyz } from '../../datasets';
import { startServing, type Serving } from '../../services/serving';
import { classifyResponseSchema } from '../../services/serving/classify';
import { writeSampleBundle } from './sample-bundle';
import { sampleScan, toMha } from './sample-scan';

const SMALL: PatchContract = { patchSize: [9, 12, 16], unit: 'HU', clip: [-700, 300], padding: -650, resampleMm: 1.5 };
const contracts = [LUNA_PATCH, SMALL];
const scan = sampleScan();
const places: Xyz[] = [ircToXyz([20, 30, 30], scan), ircToXyz([0.3, 1.4, 2.2], scan)];

let dir: string;
let endpoints: Serving[];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lungate-contracts-'));
  endpoints = await Promise.all(
    contracts.map(async (contract, i) => {
      const { dir: bundleDir } = await writeSampleBundle(join(dir, `bundle-${i}`), { contract });
      return startServing({ bundleDir, version: 'nodule-classifier@1.0.0', port: 0, workers: 1, tuneAfterMs: null });
    }),
  );
});
afterAll(async () => {
  await Promise.all(endpoints.map((endpoint) => endpoint.close()));
  await rm(dir, { recursive: true });
});

async function post(path: string, init: RequestInit) {
  return Promise.all(endpoints.map(async ({ url }) => (await fetch(`${url}${path}`, init)).json()));
}

test('two endpoints side by side cut the same scan each as its own model was trained', async () => {
  const form = new FormData();
  form.set('volume', new Blob([new Uint8Array(toMha(scan))]), 'scan.mha');
  form.set('candidates', JSON.stringify(places.map((xyz) => ({ xyz }))));
  const replies = (await post('/v1/classify', { method: 'POST', body: form })).map((body) =>
    classifyResponseSchema.parse(body),
  );
  replies.forEach(({ preprocessing, candidates }, i) => {
    expect(preprocessing).toEqual(contracts[i]);
    candidates.forEach(({ logits }, place) => {
      const patch = extractPatch(scan, places[place]!, contracts[i]);
      const mean = patch.reduce((sum, hu) => sum + hu, 0) / patch.length;
      expect(logits['nodule']).toBeCloseTo(mean / 100, 3);
    });
  });
  const [luna, small] = replies.map(({ candidates }) => candidates[1]!.logits['nodule']!);
  expect(Math.abs(luna! - small!)).toBeGreaterThan(0.1);
});

test('a patch that the caller cut must have the size of the model, and the document of each endpoint says which', async () => {
  const patch = { hu: Array<number>(9 * 12 * 16).fill(50), shape: SMALL.patchSize };
  const headers = { 'content-type': 'application/json' };
  const [luna, small] = await post('/v1/classify', { method: 'POST', headers, body: JSON.stringify({ patch }) });
  expect(luna).toMatchObject({ code: 'REQUEST_MALFORMED' });
  expect(small).toMatchObject({
    candidates: [{ label: 'nodule', logits: { nodule: expect.closeTo(0.5, 5) as number } }],
  });
  const documents = (await post('/openapi.json', {})).map((document) => JSON.stringify(document));
  expect(documents.map((document) => document.includes('"const":9'))).toEqual([false, true]);
});

test('too few values are refused with the size that is needed', async () => {
  const patch = { hu: [1, 2], shape: SMALL.patchSize };
  const headers = { 'content-type': 'application/json' };
  const [, small] = await post('/v1/classify', { method: 'POST', headers, body: JSON.stringify({ patch }) });
  expect(small).toMatchObject({
    code: 'PATCH_SIZE',
    hint: expect.stringContaining('9 slices of 12 rows of 16') as string,
  });
});
