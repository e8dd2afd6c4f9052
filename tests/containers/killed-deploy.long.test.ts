import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deploy, endpointStatus, processRuntime, stopEndpoint } from '../../containers';
import { servingCommand } from '../../services/serving';
import { writeSampleBundle } from '../serving/sample-bundle';

const VERSION = 'nodule-classifier@1.0.0';
const ENDPOINT = 'nodules';

/** Processes of this machine whose command line names `folder`: the revisions of its endpoints. */
function revisionsIn(folder: string): number {
  const { stdout } = spawnSync('ps', ['-e', '-ww', '-o', 'args='], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes(folder) && line.includes('main.ts')).length;
}

const script = `
const { deploy, processRuntime } = require(${JSON.stringify(join(__dirname, '../../containers'))});
const { servingCommand } = require(${JSON.stringify(join(__dirname, '../../services/serving'))});
const [, root, bundleDir] = process.argv;
deploy({ root, bundleDir, endpoint: '${ENDPOINT}', version: '${VERSION}', runtime: processRuntime(), service: servingCommand(), port: 0 })
  .then(() => process.stdout.write('done'));
`;

test('a deploy killed at any instant, then run again, ends in exactly one healthy revision', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'lungate-killed-'));
  const instants = [200, 350, 450, 550, 650, 800, 1000, 1300, 1700, 2200];
  try {
    for (const instant of instants) {
      const root = join(dir, String(instant));
      await mkdir(root);
      const { dir: bundleDir } = await writeSampleBundle(join(root, 'bundle'));
      const args = ['--require', require.resolve('tsx/cjs'), '-e', script, root, bundleDir];
      const killed = spawn(process.execPath, args, { stdio: 'ignore' });
      const ended = once(killed, 'exit');
      await sleep(instant);
      killed.kill('SIGKILL');
      await ended;

      const options = { root, bundleDir, endpoint: ENDPOINT, version: VERSION, port: 0 };
      const deployment = await deploy({ ...options, runtime: processRuntime(), service: servingCommand() });
      expect(await endpointStatus(root, ENDPOINT)).toMatchObject({
        state: 'serving',
        pid: deployment.pid,
        unsettled: 0,
      });
      expect(revisionsIn(bundleDir)).toBe(1);
      await stopEndpoint(root, ENDPOINT);
      expect(revisionsIn(bundleDir)).toBe(0);
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}, 300_000);
