import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodePatch } from 'model-bundle';
import {
  deploy,
  type Deployment,
  type DeployOptions,
  endpointStatus,
  processRuntime,
  stopEndpoint,
} from '../../containers';
import { servingCommand } from '../../services/serving';
import { inferBinary } from '../serving/infer-client';
import { flatPatch, sampleLogit, writeSampleBundle } from '../serving/sample-bundle';

const ENDPOINT = 'nodules';
const runtime = processRuntime();
let root: string;
let first: string;
let second: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lungate-deploy-'));
  first = (await writeSampleBundle(join(root, 'first'), { goldenCases: [golden(40, 0)] })).dir;
  second = (await writeSampleBundle(join(root, 'second'), { bias: 1, goldenCases: [golden(40, 1)] })).dir;
});

afterEach(async () => {
  await stopEndpoint(root, ENDPOINT);
});

afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

function golden(hu: number, bias: number) {
  const nodule = 1 / (1 + Math.exp(-sampleLogit(hu, bias)));
  return { id: `flat-${hu}`, patch: encodePatch(flatPatch(hu)), probabilities: [1 - nodule, nodule] };
}

function options(change: Partial<DeployOptions> = {}): DeployOptions {
  return {
    root,
    endpoint: ENDPOINT,
    version: 'nodule-classifier@1.0.0',
    bundleDir: first,
    runtime,
    service: servingCommand(),
    port: 0,
    ...change,
  };
}

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Resolves when the process is gone. One that has ended is still seen for a moment, until its parent was told. */
async function gone(pid: number): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (isAlive(pid)) {
    if (Date.now() > deadline) throw new Error(`process ${pid} goes on`);
    await sleep(10);
  }
}

const noduleLogit = async (url: string) =>
  (await inferBinary(url, 'nodule-classifier', 'patch', flatPatch(40)))['logits']?.[1];

test('serves what was deployed after its golden cases were replayed, and says so', async () => {
  const deployment = await deploy(options());
  expect(deployment).toMatchObject({ outcome: 'started', goldenCases: 1, notes: [] });
  expect(await noduleLogit(deployment.url)).toBeCloseTo(0.4, 5);
  expect(await endpointStatus(root, ENDPOINT)).toEqual({
    endpoint: ENDPOINT,
    state: 'serving',
    version: 'nodule-classifier@1.0.0',
    bundleDigest: deployment.bundleDigest,
    revision: deployment.revision,
    url: deployment.url,
    pid: deployment.pid,
    unsettled: 0,
  });
  expect(await stopEndpoint(root, ENDPOINT)).toBe(true);
  await gone(deployment.pid);
  expect(await endpointStatus(root, ENDPOINT)).toMatchObject({ state: 'absent', pid: null });
  expect(await stopEndpoint(root, ENDPOINT)).toBe(false);
});

test('keeps a healthy revision when the same is deployed again', async () => {
  const { pid, revision, url } = await deploy(options());
  expect(await deploy(options())).toMatchObject({ outcome: 'kept', pid, revision, url });
});

test('replaces the revision by a new one and stops the old', async () => {
  const old = await deploy(options());
  const port = Number(new URL(old.url).port);
  const renewed = await deploy(options({ bundleDir: second, version: 'nodule-classifier@1.1.0', port }));
  expect(renewed.outcome).toBe('started');
  expect(renewed.notes).toEqual([expect.stringContaining(`Port ${port} was held by the revision`)]);
  expect(await noduleLogit(renewed.url)).toBeCloseTo(1.4, 5);
  await gone(old.pid);
});

test('notices a revision that was killed, and a new deploy brings it back at the same port', async () => {
  const { pid, url } = await deploy(options());
  process.kill(pid, 'SIGKILL');
  await gone(pid);
  expect(await endpointStatus(root, ENDPOINT)).toMatchObject({ state: 'dead', pid: null, url: null });
  const again = await deploy(options({ port: Number(new URL(url).port) }));
  expect(again).toMatchObject({ outcome: 'started', url });
  expect(again.pid).not.toBe(pid);
});

test('does not take a stranger for its revision when the system gave the number of a process away again', async () => {
  const { revision } = await deploy(options());
  await stopEndpoint(root, ENDPOINT);
  const stranger = spawn('sleep', ['60']);
  try {
    const dir = join(root, 'endpoints', ENDPOINT, revision);
    const [, started = ''] = /^\d+ (.+)\n/.exec(await readFile(join(dir, 'process'), 'utf8')) ?? [];
    await writeFile(join(dir, 'process'), `${stranger.pid} ${started}\n`);
    expect(await runtime.running(dir)).toBeNull();
    await runtime.stop(dir);
    expect(stranger.exitCode).toBeNull();
    expect(stranger.signalCode).toBeNull();
  } finally {
    stranger.kill();
  }
});

test('a deploy killed after it started a revision leaves nothing running once the next has ended', async () => {
  // The state that a killed deploy leaves: the revision is known, and runs, but was never made the active one.
  const orphan = {
    id: '1.0.0-orphan',
    version: 'nodule-classifier@1.0.0',
    bundleDigest: 'sha256:0',
    runtime: 'process',
  };
  const dir = join(root, 'endpoints', ENDPOINT, orphan.id);
  const service = servingCommand();
  const args = [...service.args, '--bundle', first, '--version', orphan.version];
  await runtime.start(dir, { ...service, args });
  const pid = (await runtime.running(dir))!.pid;
  const stateFile = join(root, 'endpoints', `${ENDPOINT}.json`);
  await writeFile(stateFile, JSON.stringify({ endpoint: ENDPOINT, active: null, unsettled: [orphan] }));
  expect(await endpointStatus(root, ENDPOINT)).toMatchObject({ state: 'absent', unsettled: 1 });

  const deployment = await deploy(options());
  expect(deployment.outcome).toBe('started');
  await gone(pid);
  expect(await endpointStatus(root, ENDPOINT)).toMatchObject({ state: 'serving', unsettled: 0 });
});

describe('leaves the old revision serving when', () => {
  const endpoint = 'steady';
  let old: Deployment;

  beforeAll(async () => {
    old = await deploy(options({ endpoint }));
  });

  afterAll(async () => {
    await stopEndpoint(root, endpoint);
  });

  const expectRefused = async (change: Partial<DeployOptions>, code: string) => {
    await expect(deploy(options({ endpoint, ...change }))).rejects.toMatchObject({ code });
    expect(await endpointStatus(root, endpoint)).toMatchObject({ state: 'serving', pid: old.pid, unsettled: 0 });
    expect(await noduleLogit(old.url)).toBeCloseTo(0.4, 5);
  };

  test('a bit of the new bundle is flipped', async () => {
    const { dir } = await writeSampleBundle(join(root, 'flipped'), { bias: 2 });
    const bytes = await readFile(join(dir, 'model.onnx'));
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(join(dir, 'model.onnx'), bytes);
    await expectRefused({ bundleDir: dir }, 'BUNDLE_DIGEST_MISMATCH');
  });

  test('the new one does not answer its golden cases as validated', async () => {
    const { dir } = await writeSampleBundle(join(root, 'wrong'), { bias: 3, goldenCases: [golden(40, 0)] });
    await expectRefused({ bundleDir: dir }, 'GOLDEN_CASE_FAILED');
  });

  test('the new one cannot start', async () => {
    await expectRefused({ bundleDir: second, version: 'no-version' }, 'REVISION_DIED');
  });

  test('the new one never becomes ready', async () => {
    const never = { command: '/bin/sh', args: ['-c', 'sleep 60'], env: {} };
    await expectRefused({ bundleDir: second, service: never, readyWithinMs: 300 }, 'REVISION_NOT_READY');
  });

  test('the port asked for belongs to another program', async () => {
    const stranger = createServer().listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    try {
      const { port } = stranger.address() as AddressInfo;
      await expectRefused({ bundleDir: second, port }, 'PORT_IN_USE');
    } finally {
      stranger.close();
    }
  });
});

test('refuses a damaged state file instead of guessing', async () => {
  const other = await mkdtemp(join(tmpdir(), 'lungate-state-'));
  await deploy(options({ root: other })).then(() => stopEndpoint(other, ENDPOINT));
  const file = join(other, 'endpoints', `${ENDPOINT}.json`);
  await writeFile(file, '{"endpoint":"nodules","active":');
  await expect(deploy(options({ root: other }))).rejects.toMatchObject({ code: 'ENDPOINT_STATE_DAMAGED' });
  await expect(endpointStatus(other, ENDPOINT)).rejects.toMatchObject({ code: 'ENDPOINT_STATE_DAMAGED' });
  await rm(other, { recursive: true });
});

test.each(['', '../up', 'a/b', '.hidden'])('refuses "%s" as the name of an endpoint', async (endpoint) => {
  await expect(endpointStatus(root, endpoint)).rejects.toMatchObject({ code: 'ENDPOINT_NAME' });
  expect(await readdir(root)).not.toContain('up.json');
});
