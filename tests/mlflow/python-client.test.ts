import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MlflowClient } from 'mlflow-rest-ts';
import { startRegistry } from '../../registry';
import { describeWithProgram } from '../present';
import { mlflowPython } from './mlflow-python';

const run = promisify(execFile);

describeWithProgram('mlflow', "Python's mlflow against the embedded server", () => {
  test('it logs a run, finds it again, lists and downloads its artifacts, and registers a model', async () => {
    const server = await startRegistry({ root: await mkdtemp(join(tmpdir(), 'registry-')) });
    const environment = { ...process.env, MLFLOW_TRACKING_URI: server.url, MLFLOW_HTTP_REQUEST_MAX_RETRIES: '1' };
    const script = join(__dirname, 'log_a_run.py');
    const { stdout } = await run(mlflowPython(), [script], { env: environment }).catch((error: unknown) => {
      throw new Error(`${script} failed: ${(error as { stderr: string }).stderr}`, { cause: error });
    });
    const told = JSON.parse(stdout.split('\n').at(-2) ?? '') as Record<string, unknown>;
    expect(told).toMatchObject({
      status: 'FINISHED',
      params: { lr: '0.1' },
      metrics: { auc: 0.97, loss: 0.25 },
      history: [0.5, 0.25],
      artifacts: ['d.json', 'notes'],
      downloaded: 'hello',
      found: 1,
      param_error: 'INVALID_PARAMETER_VALUE',
      model_version: '1',
      alias_version: '1',
    });
    const ours = new MlflowClient({ trackingUri: server.url });
    expect(await ours.getRun(told['run_id'] as string)).toMatchObject({ runName: 'hello', tags: { a: 'b' } });
    await server.close();
  });
});
