import { createHash } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MlflowClient } from 'mlflow-rest-ts';
import { type RegistryServer, startRegistry } from '../../registry';
import { MODEL, trainedBundle } from './trained-bundle';

let root: string;
let server: RegistryServer;
let client: MlflowClient;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'registry-'));
  server = await startRegistry({ root });
  client = new MlflowClient({ trackingUri: server.url });
});
afterEach(async () => {
  await server.close();
});

interface Reply {
  status: number;
  headers: Record<string, unknown>;
  json: Record<string, unknown>;
}

/** Sends the path as it is, which fetch would not. */
function raw(method: string, path: string, options: { headers?: Record<string, string>; body?: string } = {}) {
  const { port } = new URL(server.url);
  return new Promise<Reply>((resolve, reject) => {
    const sent = request({ method, path, port, host: '127.0.0.1', headers: options.headers ?? {} }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        const isJson = response.headers['content-type']?.startsWith('application/json') ?? false;
        const json = (isJson ? JSON.parse(text) : {}) as Record<string, unknown>;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, json });
      });
    });
    sent.on('error', reject).end(options.body);
  });
}

async function newRun(): Promise<string> {
  const { experimentId } = await client.getOrCreateExperiment('luna');
  return (await client.createRun({ experimentId, runName: 'baseline', tags: { user: 'ada' } })).runId;
}

test('a run comes back as it was logged, also after the server started anew', async () => {
  const runId = await newRun();
  await client.logParam(runId, 'lr', '0.001');
  await client.logMetric(runId, 'loss', 0.5, { step: 1, timestamp: 10 });
  await client.logMetric(runId, 'loss', NaN, { step: 2, timestamp: 11 });
  await client.logBatch(runId, { metrics: [{ key: 'auc', value: 0.97 }], params: { n: '3' }, tags: { note: 'ü' } });
  await client.updateRun(runId, { status: 'FINISHED', endTime: 12 });
  await server.close();
  server = await startRegistry({ root });
  client = new MlflowClient({ trackingUri: server.url });
  expect(await client.getRun(runId)).toMatchObject({
    runName: 'baseline',
    status: 'FINISHED',
    endTime: 12,
    params: { lr: '0.001', n: '3' },
    metrics: { loss: NaN, auc: 0.97 },
    tags: { user: 'ada', note: 'ü', 'mlflow.runName': 'baseline' },
  });
  expect(await client.getMetricHistory(runId, 'loss')).toEqual([
    { key: 'loss', value: 0.5, step: 1, timestamp: 10 },
    { key: 'loss', value: NaN, step: 2, timestamp: 11 },
  ]);
});

test('a batch beyond the limits of one request arrives whole, and twice is once', async () => {
  const runId = await newRun();
  const metrics = Array.from({ length: 2500 }, (_, step) => ({ key: 'loss', value: step / 7, step, timestamp: step }));
  const params = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`p${i}`, String(i)]));
  await client.logBatch(runId, { metrics, params });
  await client.logBatch(runId, { metrics, params });
  expect(await client.getMetricHistory(runId, 'loss')).toEqual(metrics);
  expect((await client.getRun(runId)).params).toEqual(params);
});

test('the latest metric is the one of the greatest step, whatever the order of arrival', async () => {
  const runId = await newRun();
  for (const step of [3, 1, 2]) await client.logMetric(runId, 'auc', step / 10, { step });
  expect((await client.getRun(runId)).metrics).toEqual({ auc: 0.3 });
});

test('a param is written once, a tag may change, and what is not there is named', async () => {
  const runId = await newRun();
  await client.logParam(runId, 'lr', '1');
  await client.logParam(runId, 'lr', '1');
  await expect(client.logParam(runId, 'lr', '2')).rejects.toMatchObject({ errorCode: 'INVALID_PARAMETER_VALUE' });
  await client.setTag(runId, 'note', 'a');
  await client.setTag(runId, 'note', 'b');
  expect((await client.getRun(runId)).tags).toMatchObject({ note: 'b' });
  await expect(client.getRun('none')).rejects.toMatchObject({ errorCode: 'RESOURCE_DOES_NOT_EXIST', status: 404 });
  await expect(client.createExperiment('luna')).rejects.toMatchObject({ errorCode: 'RESOURCE_ALREADY_EXISTS' });
  await expect(client.logMetric(runId, '', 1)).rejects.toMatchObject({ errorCode: 'INVALID_PARAMETER_VALUE' });
});

test('a batch with one bad item leaves nothing of it', async () => {
  const runId = await newRun();
  await client.logParam(runId, 'lr', '1');
  await expect(client.logBatch(runId, { params: { a: '1', lr: '2' }, tags: { t: '1' } })).rejects.toBeDefined();
  expect((await client.getRun(runId)).params).toEqual({ lr: '1' });
  expect((await client.getRun(runId)).tags['t']).toBeUndefined();
});

test('runs are found by metrics, params, tags and attributes, in order, page by page', async () => {
  const { experimentId } = await client.getOrCreateExperiment('search');
  for (let i = 0; i < 5; i++) {
    const { runId } = await client.createRun({
      experimentId,
      runName: `run ${i}`,
      startTime: i,
      tags: { i: String(i) },
    });
    if (i > 0) await client.logMetric(runId, 'auc', i === 4 ? NaN : i / 10);
    await client.logParam(runId, 'lr', i % 2 ? 'high' : 'low');
  }
  const search = async (filter?: string, orderBy?: string[]) => {
    const { runs } = await client.searchRuns({
      experimentIds: [experimentId],
      ...(filter !== undefined && { filter }),
      ...(orderBy && { orderBy }),
    });
    return runs.map(({ runName }) => runName.slice(4)).join('');
  };
  expect(await search()).toBe('43210');
  expect(await search('metrics.auc > 0.15')).toBe('32');
  expect(await search("params.lr = 'high' and metrics.auc <= 0.1")).toBe('1');
  expect(await search("tags.i IN ('0', '3')")).toBe('30');
  expect(await search("attributes.run_name LIKE 'RUN%'")).toBe('');
  expect(await search("attributes.run_name ILIKE 'RUN%' and start_time >= 3")).toBe('43');
  expect(await search(undefined, ['metrics.auc DESC'])).toBe('32140');
  expect(await search(undefined, ['params.lr ASC', 'start_time ASC'])).toBe('13024');
  await expect(search('metrics.auc > "x"')).rejects.toMatchObject({ errorCode: 'INVALID_PARAMETER_VALUE' });
  const pages: string[] = [];
  let pageToken: string | undefined;
  do {
    const page = await client.searchRuns({
      experimentIds: [experimentId],
      maxResults: 2,
      ...(pageToken !== undefined && { pageToken }),
    });
    pages.push(page.runs.map(({ runName }) => runName.slice(4)).join(''));
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  expect(pages).toEqual(['43', '21', '0']);
});

test('artifacts are stored, listed by folder, replaced and read back byte for byte', async () => {
  const runId = await newRun();
  const bytes = new Uint8Array(3_000_000).map((_, i) => (i * i) % 251);
  await client.logArtifact(runId, 'model/weights.bin', bytes);
  await client.logArtifact(runId, 'model/a b#?%.txt'.replace('#', ''), 'old');
  await client.logArtifact(runId, 'model/a b?%.txt', 'new');
  await client.logArtifact(runId, 'report.html', '<html>');
  expect(await client.listArtifacts(runId)).toEqual([
    { path: 'model', isDirectory: true, bytes: 0 },
    { path: 'report.html', isDirectory: false, bytes: 6 },
  ]);
  expect((await client.listArtifacts(runId, 'model')).map(({ path }) => path)).toEqual([
    'model/a b?%.txt',
    'model/weights.bin',
  ]);
  const digest = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
  expect(digest(await client.downloadArtifact(runId, 'model/weights.bin'))).toBe(digest(bytes));
  expect(Buffer.from(await client.downloadArtifact(runId, 'model/a b?%.txt')).toString()).toBe('new');
  await expect(client.downloadArtifact(runId, 'none')).rejects.toMatchObject({ errorCode: 'RESOURCE_DOES_NOT_EXIST' });
  await expect(client.logArtifact(runId, 'report.html/x', '')).rejects.toMatchObject({ status: 400 });
  await expect(client.logArtifact(runId, 'model', '')).rejects.toMatchObject({ status: 400 });
});

test('what users stored is handed out as a download, never as a page', async () => {
  const runId = await newRun();
  await client.logArtifact(runId, 'x.html', '<script>');
  const { experimentId } = await client.getRun(runId);
  const reply = await raw('GET', `/api/2.0/mlflow-artifacts/artifacts/${experimentId}/${runId}/artifacts/x.html`);
  expect(reply.headers).toMatchObject({
    'content-type': 'application/octet-stream',
    'content-disposition': 'attachment',
    'x-content-type-options': 'nosniff',
  });
});

test.each([
  '/../../etc/passwd',
  '/..%2f..%2fetc/passwd',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/%252e%252e/etc/passwd',
  '//etc/passwd',
  '/%2fetc/passwd',
  '/a/..%5c..%5cx',
  '/C:%5cx',
  '/a%00b',
  '/a%23/../b',
  '/file:%2f%2f%2fetc/passwd',
  '/a/./b',
  '/%zz',
  '/versions/nodule-classifier/1.0.0/model.onnx',
])('an upload to %s answers 400 and stores nothing', async (path) => {
  const url = `/api/2.0/mlflow-artifacts/artifacts${path}`;
  const { status, json } = await raw('PUT', url, { body: 'x' });
  expect({ status, code: json['error_code'] }).toEqual({ status: 400, code: 'INVALID_PARAMETER_VALUE' });
  expect(server.registry.db.all('SELECT path FROM artifacts')).toEqual([]);
});

test('a listing cannot leave its run', async () => {
  const runId = await newRun();
  for (const path of ['..', '../..', '/etc', 'a/%2e%2e/..']) {
    await expect(client.listArtifacts(runId, path)).rejects.toMatchObject({ status: 400 });
  }
  const { status } = await raw('GET', '/api/2.0/mlflow-artifacts/artifacts?path=..%2f..');
  expect(status).toBe(400);
});

test('without a token the server listens on loopback only', async () => {
  for (const host of ['0.0.0.0', '::', '192.168.0.1']) {
    await expect(startRegistry({ root, host })).rejects.toMatchObject({ code: 'REGISTRY_NEEDS_TOKEN' });
  }
});

test('with a token every call but the health check needs it', async () => {
  const other = await startRegistry({ root: join(root, 'guarded'), host: '0.0.0.0', token: 's3cret' });
  const trackingUri = other.url.replace('0.0.0.0', '127.0.0.1');
  const searching = (given: { token?: string; username?: string; password?: string }) =>
    new MlflowClient({ trackingUri, ...given }).getExperimentByName('Default');
  await expect(searching({})).rejects.toMatchObject({ errorCode: 'UNAUTHENTICATED' });
  await expect(searching({ token: 'wrong' })).rejects.toMatchObject({ errorCode: 'UNAUTHENTICATED' });
  await expect(searching({ token: 's3cret' })).resolves.toMatchObject({ experimentId: '0' });
  await expect(searching({ username: 'ada', password: 's3cret' })).resolves.toMatchObject({ experimentId: '0' });
  expect((await fetch(`${trackingUri}/health`)).status).toBe(200);
  await other.close();
});

test('a web page elsewhere cannot reach the server through a rebound name or a form', async () => {
  const path = '/api/2.0/mlflow/experiments/get?experiment_id=0';
  expect((await raw('GET', path)).status).toBe(200);
  expect((await raw('GET', path, { headers: { host: 'evil.example' } })).status).toBe(403);
  const { host } = new URL(server.url);
  expect((await raw('GET', path, { headers: { host, origin: 'http://evil.example' } })).status).toBe(403);
  expect((await raw('GET', path, { headers: { host, origin: server.url } })).status).toBe(200);
});

test('a request that is too large, no JSON, or to nowhere gets an error in the form of MLflow', async () => {
  const post = (body: string) => raw('POST', '/api/2.0/mlflow/runs/log-batch', { body });
  expect(await post(JSON.stringify({ run_id: 'x'.repeat(3_000_000) }))).toMatchObject({
    status: 413,
    json: { code: 'REGISTRY_BODY_TOO_LARGE' },
  });
  expect(await post('{')).toMatchObject({ status: 400, json: { error_code: 'INVALID_PARAMETER_VALUE' } });
  expect(await raw('GET', '/api/2.0/mlflow/nothing')).toMatchObject({
    status: 404,
    json: { error_code: 'ENDPOINT_NOT_FOUND' },
  });
});

test('a version that passed the gate is seen by MLflow clients, with its semantic version and its files', async () => {
  const trained = await trainedBundle(server.registry.keyDir);
  await server.registry.register(trained);
  await server.registry.setAlias(MODEL, 'champion', '1.0.0', 'first');
  const version = await client.getModelVersionByAlias(MODEL, 'champion');
  expect(version).toMatchObject({
    version: '1',
    aliases: ['champion'],
    tags: { 'lungate.version': '1.0.0', 'lungate.bundle': trained.bundle.digest },
  });
  const path = version!.source.replace('mlflow-artifacts:', '/api/2.0/mlflow-artifacts/artifacts');
  const reply = await fetch(`${server.url}${path}/model.onnx`);
  expect(await reply.text()).toBe('weights');
});

test('what is logged through MLflow gets an integer, no semantic version, and can never be champion', async () => {
  await client.createRegisteredModel(MODEL);
  const logged = await client.createModelVersion({ name: MODEL, source: 'mlflow-artifacts:/1/x', tags: { a: 'b' } });
  expect(logged).toMatchObject({ name: MODEL, version: '1', tags: { a: 'b' } });
  await client.setRegisteredModelAlias(MODEL, 'staging', '1');
  expect(await client.getRegisteredModel(MODEL)).toMatchObject({ aliases: { staging: '1' } });
  await expect(client.setRegisteredModelAlias(MODEL, 'champion', '1')).rejects.toThrow('never passed the gate');
  await expect(server.registry.resolve(`${MODEL}@staging`)).rejects.toMatchObject({ code: 'REGISTRY_WITHOUT_BUNDLE' });
  await expect(client.setModelVersionTag(MODEL, '1', 'lungate.version', '9.9.9')).rejects.toMatchObject({
    status: 400,
  });
  const version = await server.registry.register(await trainedBundle(server.registry.keyDir));
  expect(version).toMatchObject({ version: '1.0.0', number: 2 });
  await client.deleteRegisteredModelAlias(MODEL, 'staging');
  const { modelVersions } = await client.searchModelVersions({ filter: `name = '${MODEL}'` });
  expect(modelVersions.map((found) => found.version)).toEqual(['2', '1']);
  expect(await server.registry.verify()).toEqual([]);
});

test("Lungate's own endpoints promote with a reason, roll back, and tell versions, history and health", async () => {
  const { registry } = server;
  for (const weights of ['a', 'b']) await registry.register(await trainedBundle(registry.keyDir, { weights }));
  const api = '/api/2.0/lungate';
  const post = (path: string, body: unknown) => raw('POST', `${api}/${path}`, { body: JSON.stringify(body) });
  expect((await post('promote', { name: MODEL, version: '1.0.0', why: '' })).status).toBe(400);
  await post('promote', { name: MODEL, version: '1.0.0', why: 'first' });
  await post('promote', { name: MODEL, version: '^1', why: 'better' });
  const spec = encodeURIComponent(`${MODEL}@champion`);
  expect((await raw('GET', `${api}/resolve?spec=${spec}`)).json).toMatchObject({ version: { version: '1.0.1' } });
  expect((await post('rollback', { name: MODEL, why: 'slow' })).json).toMatchObject({ version: { version: '1.0.0' } });
  expect((await raw('GET', `${api}/versions?name=${MODEL}`)).json['versions']).toHaveLength(2);
  expect((await raw('GET', `${api}/history?name=${MODEL}`)).json['history']).toHaveLength(5);
  expect((await raw('GET', `${api}/verify`)).json).toEqual({ problems: [] });
});
