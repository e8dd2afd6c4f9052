import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { z } from 'zod';
import { type Serving, startServing } from '../../services/serving';
import { inferResponseSchema, modelMetadataSchema, serverMetadataSchema } from '../../services/serving/protocol';
import { binaryRequest, inferBinary, postJson, type TensorReply } from './infer-client';
import { flatPatch, sampleLogit, writeSampleBundle } from './sample-bundle';

const VERSION = '1.2.3';
let dir: string;
let serving: Serving;
let inferUrl: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lungate-serving-'));
  const bundle = await writeSampleBundle(join(dir, 'bundle'));
  serving = await startServing({ bundleDir: bundle.dir, version: `nodule-classifier@${VERSION}`, port: 0 });
  inferUrl = `${serving.url}/v2/models/nodule-classifier/infer`;
});

afterAll(async () => {
  await serving.close();
  await rm(dir, { recursive: true });
});

const getJson = async (path: string) => {
  const response = await fetch(serving.url + path);
  return { status: response.status, body: await response.json() };
};

function jsonInput(hu: number, change: object = {}) {
  return {
    name: 'patch',
    shape: [1, 1, 32, 48, 48],
    datatype: 'FP32',
    data: Array.from(flatPatch(hu)),
    ...change,
  };
}

describe('metadata and health', () => {
  test('tells what the server is, and that it is live and ready', async () => {
    const server = await getJson('/v2');
    expect(serverMetadataSchema.parse(server.body).extensions).toContain('binary_tensor_data');
    expect(await getJson('/v2/health/live')).toEqual({ status: 200, body: { live: true } });
    expect(await getJson('/v2/health/ready')).toEqual({ status: 200, body: { ready: true } });
  });

  test.each(['', `/versions/${VERSION}`])('tells what the model takes and gives at /v2/models/…%s', async (suffix) => {
    const { body } = await getJson(`/v2/models/nodule-classifier${suffix}`);
    expect(modelMetadataSchema.parse(body)).toMatchObject({
      name: 'nodule-classifier',
      versions: [VERSION],
      inputs: [{ name: 'patch', datatype: 'FP32', shape: [-1, 1, 32, 48, 48] }],
      parameters: { labels: ['non-nodule', 'nodule'], positive_label: 'nodule' },
    });
    const ready = await getJson(`/v2/models/nodule-classifier${suffix}/ready`);
    expect(ready).toEqual({ status: 200, body: { name: 'nodule-classifier', ready: true } });
  });

  test.each([
    ['/v2/models/other', 'MODEL_UNKNOWN'],
    ['/v2/models/nodule-classifier/versions/9.9.9', 'MODEL_VERSION_UNKNOWN'],
    ['/v2/models/nodule-classifier/versions/1', 'MODEL_VERSION_UNKNOWN'],
    ['/v3', 'ROUTE_UNKNOWN'],
  ])('answers 404 for %s', async (path, code) => {
    expect(await getJson(path)).toMatchObject({ status: 404, body: { code, error: expect.any(String) as string } });
  });

  test('names the method that an address answers', async () => {
    const response = await fetch(inferUrl);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
    expect(await response.json()).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
  });

  test('says at / what it is and how to call it, for a program and for a person', async () => {
    expect(await getJson('/')).toMatchObject({ body: { model: `nodule-classifier@${VERSION}` } });
    const page = await fetch(serving.url, { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain(`curl -F volume=@scan.mha`);
  });
});

describe('inference', () => {
  test('answers JSON tensors with the model, its semantic version and the id sent', async () => {
    const { status, body } = await postJson(inferUrl, { id: 'call-7', inputs: [jsonInput(120)] });
    expect(status).toBe(200);
    const reply = inferResponseSchema.parse(body);
    expect(reply).toMatchObject({ model_name: 'nodule-classifier', model_version: VERSION, id: 'call-7' });
    expect(reply.outputs).toMatchObject([
      { name: 'logits', datatype: 'FP32', shape: [1, 2] },
      { name: 'probabilities', datatype: 'FP32', shape: [1, 2] },
    ]);
    expect(reply.outputs[0]?.data?.[1]).toBeCloseTo(sampleLogit(120), 5);
  });

  test('reads nested tensors in the same order as flat ones', async () => {
    const patch = flatPatch(0);
    patch.fill(1000, 0, patch.length / 2);
    const slices = Array.from({ length: 32 }, (_, slice) =>
      Array.from({ length: 48 }, (_, row) =>
        Array.from(patch.subarray((slice * 48 + row) * 48, (slice * 48 + row + 1) * 48)),
      ),
    );
    const { body } = await postJson(inferUrl, { inputs: [jsonInput(0, { data: [[slices]] })] });
    expect((body as unknown as TensorReply).outputs[0]?.data?.[1]).toBeCloseTo(sampleLogit(500), 4);
  });

  test('gives only the outputs asked for', async () => {
    const { body } = await postJson(inferUrl, { inputs: [jsonInput(0)], outputs: [{ name: 'probabilities' }] });
    expect((body as unknown as TensorReply).outputs).toMatchObject([{ name: 'probabilities', data: [0.5, 0.5] }]);
  });

  test('takes and gives binary tensors', async () => {
    const { body, headers } = binaryRequest('patch', flatPatch(-250, 2), { parameters: { binary_data_output: true } });
    const response = await fetch(inferUrl, { method: 'POST', body, headers });
    expect(response.status).toBe(200);
    const bytes = Buffer.from(await response.arrayBuffer());
    const jsonLength = Number(response.headers.get('inference-header-content-length'));
    const reply = JSON.parse(bytes.subarray(0, jsonLength).toString()) as TensorReply;
    expect(reply.outputs.map(({ parameters }) => parameters?.binary_data_size)).toEqual([16, 16]);
    const logits = [0, 1, 2, 3].map((i) => bytes.readFloatLE(jsonLength + 4 * i));
    expect(logits[1]).toBeCloseTo(-2.5, 5);
    expect(logits[3]).toBeCloseTo(-2.5, 5);
    expect(bytes.length).toBe(jsonLength + 32);
  });

  test('judges each row of any batch as if it were alone', async () => {
    const row = fc.integer({ min: -1500, max: 1500 });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
        const batch = new Float32Array(rows.length * 73_728);
        rows.forEach((hu, i) => batch.fill(hu, i * 73_728, (i + 1) * 73_728));
        const { logits } = await inferBinary(serving.url, 'nodule-classifier', 'patch', batch);
        expect(logits).toHaveLength(rows.length * 2);
        rows.forEach((hu, i) => {
          // A float32 mean of 73,728 voxels is good to 1e-4 of itself; rows 1 HU apart still differ by more than this.
          expect(logits?.[2 * i + 1]).toBeCloseTo(sampleLogit(hu), 2);
        });
      }),
      { numRuns: 10 },
    );
  });
});

describe('malformed requests get a coded 4xx:', () => {
  test.each<[string, unknown, string]>([
    ['no JSON', '{"inputs":', 'REQUEST_NOT_JSON'],
    ['NaN in JSON', '{"inputs":[{"name":"patch","shape":[1],"datatype":"FP32","data":[NaN]}]}', 'REQUEST_NOT_JSON'],
    ['an empty body', '', 'REQUEST_NOT_JSON'],
    ['JSON that is no object', 'null', 'REQUEST_MALFORMED'],
    ['no inputs', { inputs: [] }, 'REQUEST_MALFORMED'],
    ['inputs of another type', { inputs: 'patch' }, 'REQUEST_MALFORMED'],
    ['a fractional shape', { inputs: [jsonInput(0, { shape: [1.5] })] }, 'REQUEST_MALFORMED'],
    [
      'a prototype for a shape',
      '{"inputs":[{"name":"patch","datatype":"FP32","__proto__":{"shape":[1]}}]}',
      'REQUEST_MALFORMED',
    ],
    ['an unknown input', { inputs: [jsonInput(0, { name: 'image' })] }, 'INPUT_UNKNOWN'],
    ['an input twice', { inputs: [jsonInput(0), jsonInput(0)] }, 'INPUT_UNKNOWN'],
    ['another datatype', { inputs: [jsonInput(0, { datatype: 'INT16' })] }, 'INPUT_DATATYPE'],
    ['a batch of none', { inputs: [jsonInput(0, { shape: [0, 1, 32, 48, 48], data: [] })] }, 'INPUT_SHAPE'],
    ['rows and columns swapped', { inputs: [jsonInput(0, { shape: [1, 1, 48, 48, 32] })] }, 'INPUT_SHAPE'],
    ['a missing dimension', { inputs: [jsonInput(0, { shape: [32, 48, 48] })] }, 'INPUT_SHAPE'],
    ['a batch beyond all memory', { inputs: [jsonInput(0, { shape: [2 ** 52, 1, 32, 48, 48] })] }, 'INPUT_SIZE'],
    ['too few values', { inputs: [jsonInput(0, { data: [1, 2, 3] })] }, 'INPUT_SIZE'],
    ['no values', { inputs: [jsonInput(0, { data: undefined })] }, 'INPUT_SIZE'],
    ['text for values', { inputs: [jsonInput(0, { data: 'AAAA' })] }, 'INPUT_SIZE'],
    [
      'null among the values',
      { inputs: [jsonInput(0, { data: [null, ...Array<number>(73_727).fill(0)] })] },
      'INPUT_NOT_FINITE',
    ],
    [
      '1e300 among the values',
      { inputs: [jsonInput(0, { data: [1e300, ...Array<number>(73_727).fill(0)] })] },
      'INPUT_NOT_FINITE',
    ],
    ['an unknown output', { inputs: [jsonInput(0)], outputs: [{ name: 'risk' }] }, 'OUTPUT_UNKNOWN'],
  ])('%s', async (_name, sent, code) => {
    const { status, body } = await postJson(inferUrl, sent);
    expect({ status, code: body['code'] }).toEqual({ status: 400, code });
    expect(body).toMatchObject({ error: expect.any(String) as string, hint: expect.any(String) as string });
  });

  test('arrays nested a hundred thousand deep', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const { status } = await postJson(
      inferUrl,
      `{"inputs":[{"name":"patch","shape":[1,1,32,48,48],"datatype":"FP32","data":${deep}}]}`,
    );
    expect(status).toBe(400);
  });

  const valid = () => binaryRequest('patch', flatPatch(0));
  const withNaN = () => {
    const patch = flatPatch(0);
    patch[5] = NaN;
    return binaryRequest('patch', patch);
  };
  test.each<[string, () => { body: Buffer; headers: Record<string, string> }, number, string]>([
    ['a header length beyond the body', () => header(valid(), '99999999'), 400, 'BINARY_HEADER_LENGTH'],
    ['a header length that is no number', () => header(valid(), '-1'), 400, 'BINARY_HEADER_LENGTH'],
    ['a header length that cuts the JSON', () => header(valid(), '10'), 400, 'REQUEST_NOT_JSON'],
    ['a tensor cut short', () => ({ ...valid(), body: valid().body.subarray(0, -4) }), 400, 'INPUT_SIZE'],
    [
      'bytes left over',
      () => ({ ...valid(), body: Buffer.concat([valid().body, Buffer.alloc(4)]) }),
      400,
      'BINARY_HEADER_LENGTH',
    ],
    ['NaN in a binary tensor', withNaN, 400, 'INPUT_NOT_FINITE'],
    [
      'a form',
      () => ({ ...valid(), headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
      415,
      'REQUEST_MEDIA_TYPE',
    ],
    [
      'a compressed body',
      () => ({ ...valid(), headers: { ...valid().headers, 'content-encoding': 'gzip' } }),
      415,
      'REQUEST_ENCODING',
    ],
    ['JSON beyond the limit', () => json(Buffer.alloc(9 * 2 ** 20, ' ')), 413, 'REQUEST_TOO_LARGE'],
    ['a body beyond the limit', () => json(Buffer.alloc(65 * 2 ** 20, ' ')), 413, 'REQUEST_TOO_LARGE'],
  ])('%s', async (_name, request, status, code) => {
    const response = await fetch(inferUrl, { method: 'POST', ...request() });
    expect({ status: response.status, code: ((await response.json()) as { code: string }).code }).toEqual({
      status,
      code,
    });
  });

  test('an address that cannot be decoded', async () => {
    const response = await fetch(`${serving.url}/v2/models/%E0%A4%A`);
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status: 400,
      body: { code: 'REQUEST_MALFORMED' },
    });
  });

  test('anything at all, and the endpoint goes on', async () => {
    const value = fc.oneof(
      fc.json(),
      fc.string(),
      fc.json().map((text) => `{"inputs":[${text}]}`),
    );
    await fc.assert(
      fc.asyncProperty(value, async (body) => {
        const { status } = await postJson(inferUrl, body);
        expect(status).toBe(400);
      }),
      { numRuns: 200 },
    );
    expect(await getJson('/v2/health/ready')).toMatchObject({ status: 200 });
  });
});

function header(request: { body: Buffer; headers: Record<string, string> }, length: string) {
  return { ...request, headers: { ...request.headers, 'inference-header-content-length': length } };
}

function json(body: Buffer) {
  return { body, headers: { 'content-type': 'application/json' } };
}

describe('the OpenAPI document', () => {
  const documentSchema = z.object({
    openapi: z.literal('3.1.0'),
    paths: z.record(z.string(), z.record(z.string(), z.object({ summary: z.string(), responses: z.object({}) }))),
  });

  test('names exactly the addresses that are answered', async () => {
    const { body } = await getJson('/openapi.json');
    const { paths } = documentSchema.parse(body);
    expect(Object.keys(paths).sort()).toEqual([
      '/',
      '/v1/classify',
      '/v2',
      '/v2/health/live',
      '/v2/health/ready',
      '/v2/models/{name}',
      '/v2/models/{name}/infer',
      '/v2/models/{name}/ready',
      '/v2/models/{name}/versions/{version}',
      '/v2/models/{name}/versions/{version}/infer',
      '/v2/models/{name}/versions/{version}/ready',
    ]);
    for (const [path, operations] of Object.entries(paths)) {
      const address = path.replace('{name}', 'nodule-classifier').replace('{version}', VERSION);
      for (const method of Object.keys(operations)) {
        const response = await fetch(serving.url + address, { method });
        expect([404, 405]).not.toContain(response.status);
        await response.body?.cancel();
      }
    }
  });
});
