import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MlflowClient } from 'mlflow-rest-ts';
import { describeWithProgram } from '../present';

describeWithProgram('mlflow', 'mlflow-rest-ts against a real mlflow server', () => {
  let server: ChildProcess;
  let client: MlflowClient;

  beforeAll(async () => {
    const port = await freePort();
    const dir = await mkdtemp(join(tmpdir(), 'mlflow-'));
    const stores = [
      '--backend-store-uri',
      `sqlite:///${dir}/mlflow.db`,
      '--artifacts-destination',
      join(dir, 'artifacts'),
    ];
    const listening = ['--host', '127.0.0.1', '--port', String(port), '--workers', '1'];
    // In a group of its own, because mlflow starts its server as a child that does not die with it.
    server = spawn('mlflow', ['server', ...stores, ...listening], { stdio: 'ignore', detached: true });
    const trackingUri = `http://127.0.0.1:${port}`;
    await answering(`${trackingUri}/health`);
    client = new MlflowClient({ trackingUri });
  }, 180_000);

  afterAll(async () => {
    process.kill(-server.pid!, 'SIGKILL');
    await once(server, 'exit');
  });

  test('a run comes back as it was logged', async () => {
    const { experimentId } = await client.getOrCreateExperiment('luna');
    expect(await client.getOrCreateExperiment('luna')).toMatchObject({ experimentId, name: 'luna' });
    await expect(client.createExperiment('luna')).rejects.toMatchObject({ errorCode: 'RESOURCE_ALREADY_EXISTS' });
    const { runId } = await client.createRun({ experimentId, runName: 'baseline', tags: { user: 'ada' } });
    const metrics = Array.from({ length: 1500 }, (_, step) => ({
      key: 'loss',
      value: 1 / (step + 1),
      step,
      timestamp: step,
    }));
    const params = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`p${i}`, String(i)]));
    await client.logBatch(runId, { metrics, params, tags: { note: 'ü' } });
    await client.logMetric(runId, 'auc', 0.97, { step: 3 });
    await client.logMetric(runId, 'bad', NaN);
    await client.logParam(runId, 'lr', '0.001');
    await client.setTag(runId, 'more', 'x');
    await expect(client.logParam(runId, 'lr', '2')).rejects.toMatchObject({ errorCode: 'INVALID_PARAMETER_VALUE' });
    await client.updateRun(runId, { status: 'FINISHED' });
    const run = await client.getRun(runId);
    expect(run).toMatchObject({
      runName: 'baseline',
      status: 'FINISHED',
      params: { ...params, lr: '0.001' },
      metrics: { auc: 0.97, loss: 1 / 1500, bad: NaN },
      tags: { user: 'ada', note: 'ü', more: 'x' },
    });
    expect(run.endTime).toBeGreaterThanOrEqual(run.startTime);
    expect(await client.getMetricHistory(runId, 'loss')).toEqual(metrics);
    const { runs } = await client.searchRuns({ experimentIds: [experimentId], filter: 'metrics.auc > 0.9' });
    expect(runs.map((found) => found.runId)).toEqual([runId]);
    await expect(client.getRun('0'.repeat(32))).rejects.toMatchObject({ errorCode: 'RESOURCE_DOES_NOT_EXIST' });
  });

  test('artifacts come back byte for byte', async () => {
    const { experimentId } = await client.getOrCreateExperiment('artifacts');
    const { runId } = await client.createRun({ experimentId });
    const bytes = new Uint8Array(100_000).map((_, i) => i % 251);
    await client.logArtifact(runId, 'model/weights.bin', bytes);
    await client.logArtifact(runId, 'report.html', '<html>');
    expect((await client.listArtifacts(runId)).map(({ path, isDirectory }) => [path, isDirectory])).toEqual([
      ['model', true],
      ['report.html', false],
    ]);
    expect(await client.listArtifacts(runId, 'model')).toEqual([
      { path: 'model/weights.bin', isDirectory: false, bytes: 100_000 },
    ]);
    expect(Buffer.from(await client.downloadArtifact(runId, 'model/weights.bin')).equals(bytes)).toBe(true);
  });

  test('models, versions and aliases', async () => {
    const { experimentId } = await client.getOrCreateExperiment('models');
    const { runId, artifactUri } = await client.createRun({ experimentId });
    expect(await client.getRegisteredModel('m')).toBeUndefined();
    await client.createRegisteredModel('m', 'a model');
    const source = `${artifactUri}/model`;
    expect(await client.createModelVersion({ name: 'm', source, runId, tags: { a: 'b' } })).toMatchObject({
      name: 'm',
      version: '1',
      runId,
      tags: { a: 'b' },
    });
    await client.setModelVersionTag('m', '1', 'lungate.version', '1.0.0');
    await client.setRegisteredModelAlias('m', 'champion', '1');
    expect(await client.getModelVersionByAlias('m', 'champion')).toMatchObject({
      version: '1',
      tags: { 'lungate.version': '1.0.0' },
    });
    expect(await client.getRegisteredModel('m')).toMatchObject({ description: 'a model', aliases: { champion: '1' } });
    expect((await client.searchModelVersions({ filter: "name='m'" })).modelVersions).toHaveLength(1);
    await client.deleteRegisteredModelAlias('m', 'champion');
    expect((await client.getRegisteredModel('m'))?.aliases).toEqual({});
    expect(await client.getModelVersion('m', '7')).toBeUndefined();
  });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function answering(url: string): Promise<void> {
  for (;;) {
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await sleep(200);
  }
}
