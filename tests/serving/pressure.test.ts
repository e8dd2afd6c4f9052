import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { servingCommand, startServing } from '../../services/serving';
import { binaryRequest, inferBinary } from './infer-client';
import { flatPatch, writeSampleBundle } from './sample-bundle';

const VERSION = 'nodule-classifier@1.0.0';
let dir: string;
let slow: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lungate-pressure-'));
  slow = (await writeSampleBundle(join(dir, 'slow'), { slow: true })).dir;
});

afterAll(async () => {
  await rm(dir, { recursive: true });
});

/** Sends `rows` patches on a connection of its own and gives the status. */
function send(url: string, rows: number): Promise<{ status: number; retryAfter: string | undefined }> {
  const { body, headers } = binaryRequest('patch', flatPatch(0, rows));
  return new Promise((resolve, reject) => {
    const call = request(
      `${url}/v2/models/nodule-classifier/infer`,
      { method: 'POST', headers, agent: false },
      (response) => {
        response.resume().once('end', () => {
          resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
        });
      },
    );
    call.once('error', reject);
    call.end(body);
  });
}

test('answers health calls while a big batch is computed', async () => {
  const serving = await startServing({ bundleDir: slow, version: VERSION, port: 0 });
  const computing = new AbortController();
  const batch = send(serving.url, 32).finally(() => {
    computing.abort();
  });
  const waits: number[] = [];
  while (!computing.signal.aborted) {
    const began = performance.now();
    await (await fetch(`${serving.url}/v2/health/live`)).text();
    waits.push(performance.now() - began);
    await sleep(5);
  }
  expect((await batch).status).toBe(200);
  await serving.close();
  waits.sort((a, b) => a - b);
  expect(waits.length).toBeGreaterThan(10);
  expect(waits[waits.length >> 1]).toBeLessThan(50);
});

test('answers 503 with Retry-After to more than it takes, keeps what it took, and recovers', async () => {
  const serving = await startServing({ bundleDir: slow, version: VERSION, port: 0, maxRequests: 3 });
  const replies = await Promise.all(Array.from({ length: 12 }, () => send(serving.url, 8)));
  const taken = replies.filter(({ status }) => status === 200);
  const refused = replies.filter(({ status }) => status === 503);
  expect(taken.length + refused.length).toBe(12);
  expect(taken.length).toBeGreaterThanOrEqual(3);
  expect(refused.length).toBeGreaterThan(0);
  for (const { retryAfter } of refused) expect(retryAfter).toBe('1');
  expect((await send(serving.url, 1)).status).toBe(200);
  await serving.close();
});

test('a caller that gives up leaves no slot taken', async () => {
  const serving = await startServing({ bundleDir: slow, version: VERSION, port: 0, maxRequests: 1 });
  const { headers } = binaryRequest('patch', flatPatch(0));
  const url = `${serving.url}/v2/models/nodule-classifier/infer`;
  const half = request(url, { method: 'POST', headers: { ...headers, 'content-length': '300000' }, agent: false });
  half.on('error', () => undefined);
  half.write('{"inputs"');
  await sleep(100);
  expect((await send(serving.url, 1)).status).toBe(503);
  half.destroy();
  await sleep(100);
  expect((await send(serving.url, 1)).status).toBe(200);
  await serving.close();
});

test('finishes what is in flight when it closes, and takes no new connection', async () => {
  const serving = await startServing({ bundleDir: slow, version: VERSION, port: 0 });
  const inFlight = send(serving.url, 16);
  await sleep(100);
  const closed = serving.close();
  await expect(send(serving.url, 1)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect((await inFlight).status).toBe(200);
  await closed;
});

describe('as a process', () => {
  const started: ChildProcess[] = [];

  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
  });

  function start(args: string[]) {
    const { command, args: own } = servingCommand();
    const child = spawn(command, [...own, ...args], { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] });
    started.push(child);
    return { child, exited: once(child, 'exit') as Promise<[number | null, string | null]> };
  }

  const firstLine = async (stream: NodeJS.ReadableStream | null) => {
    const [line] = (await once(createInterface({ input: stream! }), 'line')) as [string];
    return JSON.parse(line) as Record<string, unknown>;
  };

  test('says when it is ready, and drains on SIGTERM', async () => {
    const { child, exited } = start(['--bundle', slow, '--version', VERSION, '--port', '0']);
    const { ready, url } = await firstLine(child.stdout);
    expect(ready).toBe(true);
    child.stderr.resume();
    const inFlight = send(url as string, 16);
    await sleep(100);
    child.kill('SIGTERM');
    expect((await inFlight).status).toBe(200);
    expect(await exited).toEqual([0, null]);
  });

  test('refuses a bundle with a flipped bit', async () => {
    const { dir: flipped } = await writeSampleBundle(join(dir, 'flipped'));
    const bytes = await readFile(join(flipped, 'model.onnx'));
    bytes[100]! ^= 4;
    await writeFile(join(flipped, 'model.onnx'), bytes);
    const { child, exited } = start(['--bundle', flipped, '--version', VERSION]);
    expect(await firstLine(child.stderr)).toMatchObject({ ready: false, error: { code: 'BUNDLE_DIGEST_MISMATCH' } });
    expect(await exited).toEqual([1, null]);
  });
});

describe('does not start', () => {
  test.each([
    [{ version: 'nodule-classifier' }, 'SERVING_VERSION_MALFORMED'],
    [{ version: 'nodule-classifier@v1' }, 'SERVING_VERSION_MALFORMED'],
    [{ host: '0.0.0.0' }, 'SERVING_NOT_LOOPBACK'],
    [{ bundleDir: join(tmpdir(), 'no-such-bundle') }, 'BUNDLE_NOT_FOUND'],
  ])('with %p', async (change, code) => {
    const started = startServing({ bundleDir: slow, version: VERSION, port: 0, ...change });
    await expect(started).rejects.toMatchObject({ code });
  });

  test('at a port that is taken', async () => {
    const serving = await startServing({ bundleDir: slow, version: VERSION, port: 0 });
    const port = Number(new URL(serving.url).port);
    const second = startServing({ bundleDir: slow, version: VERSION, port });
    await expect(second).rejects.toMatchObject({ code: 'SERVING_PORT_TAKEN', status: 409 });
    await serving.close();
  });

  test('with a graph whose input has another name than the signature says', async () => {
    const { dir: bundleDir } = await writeSampleBundle(join(dir, 'renamed'), { input: 'patch', graphInput: 'image' });
    const started = startServing({ bundleDir, version: VERSION, port: 0 });
    await expect(started).rejects.toMatchObject({ code: 'SERVING_MODEL_UNLOADABLE' });
  });
});

test('calls the model by the names in its signature', async () => {
  const { dir: bundleDir } = await writeSampleBundle(join(dir, 'named'), { input: 'ct' });
  const serving = await startServing({ bundleDir, version: VERSION, port: 0 });
  const { logits } = await inferBinary(serving.url, 'nodule-classifier', 'ct', flatPatch(70));
  expect(logits?.[1]).toBeCloseTo(0.7, 5);
  await serving.close();
});
