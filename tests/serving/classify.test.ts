import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import {
  extractPatch,
  IDENTITY_DIRECTION,
  ircToXyz,
  LUNA_PATCH,
  voxelsOf,
  type Volume,
  type Xyz,
} from '../../datasets';
import { type Serving, startServing } from '../../services/serving';
import { classifyResponseSchema } from '../../services/serving/classify';
import type { LogLine } from '../../services/serving/request-log';
import { describeWithSharedData } from '../present';
import { inferBinary, postJson } from './infer-client';
import { flatPatch, sampleLogit, writeLunaBundle, writeSampleBundle } from './sample-bundle';
import { mhdHeader, sampleScan, toMha, voxelBytes } from './sample-scan';

const VOXELS = voxelsOf(LUNA_PATCH);
let dir: string;
let serving: Serving;
let bundleDigest: string;
const log: LogLine[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lungate-classify-'));
  const bundle = await writeSampleBundle(join(dir, 'bundle'));
  bundleDigest = bundle.digest;
  serving = await startServing({
    bundleDir: bundle.dir,
    version: 'nodule-classifier@1.0.0',
    port: 0,
    log: (line) => log.push(line),
  });
});

afterAll(async () => {
  await serving.close();
  await rm(dir, { recursive: true });
});

type Parts = Record<string, Buffer | string>;

async function postForm(parts: Parts, url = serving.url) {
  const form = new FormData();
  for (const [name, part] of Object.entries(parts)) {
    if (typeof part === 'string') form.append(name, part);
    else form.append(name, new Blob([new Uint8Array(part)]), `Doe^Jane-1.2.840.113619.2.55.${name}`);
  }
  const response = await fetch(`${url}/v1/classify`, { method: 'POST', body: form });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const candidatesOf = (...places: Xyz[]) => JSON.stringify(places.map((xyz) => ({ xyz })));
const scan = sampleScan();
const nodule = ircToXyz([20, 30, 30], scan);
const corner = ircToXyz([0, 0, 0], scan);

/** What the sample model must answer for a place: its logit is the mean of the patch / 100. */
function expectedLogit(volume: Volume, xyz: Xyz): number {
  const patch = extractPatch(volume, xyz);
  return sampleLogit(patch.reduce((sum, hu) => sum + hu, 0) / VOXELS);
}

describe('a scan and its candidates', () => {
  const forms: [string, () => Parts][] = [
    ['an .mha file', () => ({ volume: toMha(scan) })],
    ['.mhd and .raw', () => ({ header: Buffer.from(mhdHeader(scan, 'a.raw')), data: voxelBytes(scan) })],
    [
      '.mhd and .zraw',
      () => ({ header: Buffer.from(mhdHeader(scan, 'a.zraw', true)), data: deflateSync(voxelBytes(scan)) }),
    ],
  ];
  test.each(forms)(
    'as %s are classified in the order sent, with the model and what was done to them',
    async (_name, files) => {
      const { status, body } = await postForm({ ...files(), candidates: candidatesOf(nodule, corner) });
      expect(status).toBe(200);
      const reply = classifyResponseSchema.parse(body);
      expect(reply.model).toEqual({ name: 'nodule-classifier', version: '1.0.0', bundleDigest });
      expect(reply.preprocessing).toMatchObject({ patchSize: [32, 48, 48], unit: 'HU', clip: [-1000, 1000] });
      expect(reply.candidates).toHaveLength(2);
      for (const [i, xyz] of [nodule, corner].entries()) {
        const { logits, probability, label, ...place } = reply.candidates[i]!;
        const logit = expectedLogit(scan, xyz);
        expect(logits['nodule']).toBeCloseTo(logit, 3);
        expect(probability).toBeCloseTo(1 / (1 + Math.exp(-logit)), 4);
        expect(label).toBe(logit > 0 ? 'nodule' : 'non-nodule');
        expect(place.xyz).toEqual(xyz);
      }
      expect(reply.candidates[0]?.irc?.map(Math.round)).toEqual([20, 30, 30]);
    },
  );

  test('can be sent as JSON', async () => {
    const { status, body } = await postJson(`${serving.url}/v1/classify`, {
      volume: toMha(scan).toString('base64'),
      candidates: [{ xyz: nodule }],
    });
    expect(status).toBe(200);
    expect(classifyResponseSchema.parse(body).candidates[0]?.logits['nodule']).toBeCloseTo(
      expectedLogit(scan, nodule),
      3,
    );
  });

  test('may have more candidates than one run of the model takes', async () => {
    const places = Array.from({ length: 21 }, (_, i) => ircToXyz([i, 20 + i, 25], scan));
    const { body } = await postForm({ volume: toMha(scan), candidates: candidatesOf(...places) });
    const { candidates } = classifyResponseSchema.parse(body);
    candidates.forEach(({ logits }, i) => {
      expect(logits['nodule']).toBeCloseTo(expectedLogit(scan, places[i]!), 3);
    });
    expect(candidates).toHaveLength(21);
  });
});

describe('a patch', () => {
  const shape = [32, 48, 48];
  test.each<[string, unknown]>([
    ['numbers', Array.from(flatPatch(60))],
    ['base64 of int16', Buffer.from(new Int16Array(VOXELS).fill(60).buffer).toString('base64')],
  ])('as %s is classified', async (_name, hu) => {
    const { status, body } = await postJson(`${serving.url}/v1/classify`, { patch: { hu, shape } });
    expect(status).toBe(200);
    expect(classifyResponseSchema.parse(body).candidates).toMatchObject([{ xyz: null, irc: null, label: 'nodule' }]);
  });
});

describe('malformed requests get a coded 4xx:', () => {
  const wholeMha = toMha(scan);
  const one = candidatesOf(nodule);
  test.each<[string, Parts, number, string]>([
    ['no candidates', { volume: wholeMha }, 400, 'CLASSIFY_PARTS'],
    ['no scan', { candidates: one }, 400, 'CLASSIFY_PARTS'],
    ['a header alone', { header: Buffer.from(mhdHeader(scan, 'a.raw')), candidates: one }, 400, 'CLASSIFY_PARTS'],
    ['a volume and a header', { volume: wholeMha, header: wholeMha, candidates: one }, 400, 'CLASSIFY_PARTS'],
    ['an unknown file', { image: wholeMha, candidates: one }, 400, 'CLASSIFY_PARTS'],
    ['candidates that are no JSON', { volume: wholeMha, candidates: '[{' }, 400, 'REQUEST_NOT_JSON'],
    ['candidates of another form', { volume: wholeMha, candidates: '[{"x":1}]' }, 400, 'REQUEST_MALFORMED'],
    ['no candidate among them', { volume: wholeMha, candidates: '[]' }, 400, 'REQUEST_MALFORMED'],
    [
      'too many candidates',
      { volume: wholeMha, candidates: candidatesOf(...Array<Xyz>(513).fill(nodule)) },
      400,
      'REQUEST_MALFORMED',
    ],
    [
      'candidates beyond the limit',
      { volume: wholeMha, candidates: ' '.repeat(2 ** 20 + 1) },
      413,
      'REQUEST_TOO_LARGE',
    ],
    [
      'a candidate outside',
      { volume: wholeMha, candidates: candidatesOf(nodule, [9999, 0, 0]) },
      422,
      'CANDIDATE_OUTSIDE_SCAN',
    ],
    ['a truncated scan', { volume: wholeMha.subarray(0, -100), candidates: one }, 400, 'METAIMAGE_TRUNCATED'],
    ['a truncated header', { volume: wholeMha.subarray(0, 40), candidates: one }, 400, 'METAIMAGE_NOT_A_HEADER'],
    [
      'no MetaImage at all',
      { volume: Buffer.from('DICM'.repeat(100)), candidates: one },
      400,
      'METAIMAGE_NOT_A_HEADER',
    ],
    [
      'a compressed bomb',
      {
        header: Buffer.from(mhdHeader({ ...scan, size: [9999, 9999, 9999] }, 'a.zraw', true)),
        data: Buffer.alloc(9),
        candidates: one,
      },
      413,
      'METAIMAGE_TOO_LARGE',
    ],
  ])('%s', async (_name, parts, status, code) => {
    const reply = await postForm(parts);
    expect({ status: reply.status, code: reply.body['code'] }).toEqual({ status, code });
  });

  const shape = [32, 48, 48];
  test.each<[string, unknown, number, string]>([
    ['no JSON', 'patch', 400, 'REQUEST_NOT_JSON'],
    ['neither patch nor volume', {}, 400, 'REQUEST_MALFORMED'],
    ['another shape', { patch: { hu: [], shape: [48, 48, 32] } }, 400, 'REQUEST_MALFORMED'],
    ['too few values', { patch: { hu: [1, 2], shape } }, 422, 'PATCH_SIZE'],
    ['half a value', { patch: { hu: 'AAAA', shape } }, 422, 'PATCH_SIZE'],
    ['broken base64', { patch: { hu: 'AA*A', shape } }, 400, 'BASE64_MALFORMED'],
    [
      'a value beyond all floats',
      { patch: { hu: [1e300, ...Array<number>(VOXELS - 1).fill(0)], shape } },
      422,
      'PATCH_NOT_FINITE',
    ],
    ['a base64 volume cut short', { volume: 'TkRpbXM', candidates: [{ xyz: [0, 0, 0] }] }, 400, 'BASE64_MALFORMED'],
  ])('JSON with %s', async (_name, body, status, code) => {
    const reply = await postJson(`${serving.url}/v1/classify`, body);
    expect({ status: reply.status, code: reply.body['code'] }).toEqual({ status, code });
  });

  test.each<[string, string, string, number, string]>([
    ['of another type', 'text/plain', 'hello', 415, 'REQUEST_MEDIA_TYPE'],
    ['that is no form', 'multipart/form-data; boundary=x', 'hello', 400, 'REQUEST_MALFORMED'],
    ['without a boundary', 'multipart/form-data', 'hello', 400, 'REQUEST_MALFORMED'],
  ])('a body %s', async (_name, type, body, status, code) => {
    const response = await fetch(`${serving.url}/v1/classify`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    const reply = (await response.json()) as { code: string };
    expect({ status: response.status, code: reply.code }).toEqual({ status, code });
  });
});

test('nothing that a caller sent stands in the log: no file name, no coordinate, no text', async () => {
  log.length = 0;
  const header = mhdHeader(scan, 'Doe^Jane.raw');
  await postForm({ header: Buffer.from(header), candidates: candidatesOf([-4242.5, 0, 0]) });
  await postForm({ volume: toMha(scan), candidates: candidatesOf([-4242.5, 0, 0]) });
  await postForm({ volume: Buffer.from('PatientName = Doe^Jane\n'), candidates: candidatesOf(nodule) });
  await fetch(`${serving.url}/v2/models/Doe%5EJane?patient=Doe%5EJane`, {
    headers: { 'x-request-id': 'Doe-Jane-1961' },
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(log.map(({ status }) => status)).toEqual([400, 422, 400, 404]);
  expect(JSON.stringify(log)).not.toMatch(/Doe|Jane|1961|4242/);
  expect(log[1]).toMatchObject({
    event: 'request',
    method: 'POST',
    route: '/v1/classify',
    code: 'CANDIDATE_OUTSIDE_SCAN',
  });
});

describeWithSharedData('the network that others trained on LUNA16, behind the endpoint', (dataDir) => {
  interface Reference {
    logits: number[][];
    probabilities: number[][];
  }
  let luna: Serving;
  let patches: Int16Array[];
  let reference: Reference;

  beforeAll(async () => {
    const bundle = await writeLunaBundle(join(dir, 'luna'), dataDir);
    luna = await startServing({ bundleDir: bundle.dir, version: 'luna@2.0.0', port: 0 });
    const bytes = await readFile(join(dataDir, 'lunamodel', 'patches.i16'));
    const all = new Int16Array(Uint8Array.from(bytes).buffer);
    patches = Array.from({ length: 6 }, (_, i) => all.slice(i * VOXELS, (i + 1) * VOXELS));
    reference = JSON.parse(await readFile(join(dataDir, 'lunamodel', 'reference.json'), 'utf8')) as Reference;
  });

  afterAll(() => luna.close());

  function expectClose(found: readonly number[], expected: readonly number[]): void {
    expect(found).toHaveLength(expected.length);
    found.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-4);
    });
  }

  test('gives the reference logits for the six real patches as tensors', async () => {
    const batch = Float32Array.from(patches.flatMap((patch) => Array.from(patch)));
    const { logits } = await inferBinary(luna.url, 'luna', 'input', batch);
    expectClose(logits!, reference.logits.flat());
  });

  test('gives them for the same voxels sent as scans and world coordinates', async () => {
    for (const [i, hu] of patches.entries()) {
      const volume: Volume = {
        hu,
        size: LUNA_PATCH.patchSize,
        spacingXyz: [0.564, 0.564, 3],
        originXyz: [-144.2, -301.9, -62.5],
        direction: IDENTITY_DIRECTION,
      };
      const candidates = candidatesOf(ircToXyz([16, 24, 24], volume));
      const { body } = await postForm({ volume: toMha(volume), candidates }, luna.url);
      const { candidates: judged } = classifyResponseSchema.parse(body);
      expectClose(Object.values(judged[0]!.logits), reference.logits[i]!);
      expectClose([judged[0]!.probability], [reference.probabilities[i]![1]!]);
    }
  });
});
