import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openRegistry } from '../../registry';
import { MODEL } from './trained-bundle';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'registry-'));
});

function registering(who: string, count: number): { child: ChildProcess; versions: () => string[] } {
  const file = join(__dirname, 'registering-process.ts');
  const child = spawn(process.execPath, ['--require', 'tsx/cjs', file, root, who, String(count)]);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.pipe(process.stderr);
  return { child, versions: () => output.split('\n').slice(0, -1) };
}

test('processes that register and promote at once end in distinct, gapless versions and a chain that holds', async () => {
  const processes = ['a', 'b', 'c'].map((who) => registering(who, 4));
  const codes = await Promise.all(processes.map(async ({ child }) => (await once(child, 'exit'))[0] as number));
  expect(codes).toEqual([0, 0, 0]);
  const told = processes.flatMap(({ versions }) => versions());
  const expected = Array.from({ length: 12 }, (_, i) => `1.0.${i}`);
  expect(told.sort(byPatch)).toEqual(expected);
  const registry = openRegistry(root);
  expect((await registry.versions(MODEL)).map(({ version }) => version)).toEqual(expected);
  expect(await registry.history()).toHaveLength(24);
  expect(await registry.verify()).toEqual([]);
  registry.close();
});

test('a kill at any moment loses no version that was acknowledged, and the next one goes on', async () => {
  const told: string[] = [];
  for (const wait of [0, 3, 8, 15, 24, 40]) {
    const { child, versions } = registering(`killed after ${wait} ms`, 100);
    await once(child.stdout!, 'data');
    await sleep(wait);
    child.kill('SIGKILL');
    await once(child, 'close');
    told.push(...versions());
  }
  const registry = openRegistry(root);
  const stand = (await registry.versions(MODEL)).map(({ version }) => version);
  expect(stand).toEqual(stand.map((_, i) => `1.0.${i}`));
  expect(told.length).toBeGreaterThanOrEqual(6);
  expect(stand).toEqual(expect.arrayContaining(told));
  expect(await registry.verify()).toEqual([]);
  registry.close();
});

function byPatch(a: string, b: string): number {
  return Number(a.split('.')[2]) - Number(b.split('.')[2]);
}
