import { mkdtemp, readFile, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import { startLungate, newHome } from '../e2e/lungate';
import { FakeZenodo, smallLuna16, zip } from './fake-zenodo';

// Each costs the 10 seconds after which the lock of a killed process is taken over.
const KILLS = 7;

test('a download that is killed again and again ends whole, and fetches little twice', async () => {
  const zenodo = await new FakeZenodo().start();
  const dir = join(await mkdtemp(join(tmpdir(), 'killed-')), 'luna16');
  const voxels = randomBytes(3_000_000);
  for (const [name, bytes] of smallLuna16()) zenodo.files.set(name, bytes);
  zenodo.files.set('subset0.zip', zip({ 'subset0/1.2.mhd': Buffer.from('header'), 'subset0/1.2.raw': voxels }));
  const slow = { kind: 'slow', bytesPerSecond: 500_000 } as const;
  zenodo.expect('subset0.zip', ...Array.from({ length: 100 }, () => slow));
  const home = await newHome();
  const args = ['data', 'download', 'luna16', '--to', dir, '--subset', '0-1', '--base-url', zenodo.url];
  const partLength = async () =>
    (await stat(join(dir, '.lungate-download', 'subset0.zip.part')).catch(() => undefined))?.size ?? 0;
  try {
    let furthest = 0;
    let ended = false;
    for (let kill = 0; kill < KILLS && !ended; kill++) {
      const running = startLungate(home, args);
      const done = running.ended.then(({ code }) => code);
      const until = furthest + 1 + Math.floor(Math.random() * 200_000);
      while (!ended && (await partLength()) < until) {
        ended = await Promise.race([done.then((code) => code === 0), sleep(10, false)]);
      }
      await sleep(Math.random() * 100);
      running.child.kill('SIGKILL');
      await done;
      // Nothing that has an end name is a part: a header stands with its voxels or not at all.
      const files: string[] = await readdir(join(dir, 'subset0')).catch(() => []);
      if (files.includes('1.2.mhd')) expect((await stat(join(dir, 'subset0', '1.2.raw'))).size).toBe(voxels.length);
      else furthest = Math.max(furthest, await partLength());
    }
    zenodo.seen.length = 0;
    expect(await startLungate(home, args).ended).toMatchObject({ code: 0 });
    expect((await readFile(join(dir, 'subset0', '1.2.raw'))).equals(voxels)).toBe(true);
    expect(await readdir(join(dir, 'subset1'))).toHaveLength(4);
    expect((await readdir(join(dir, '.lungate-download'))).sort()).toEqual(['state.json']);
    const [last] = zenodo.requestsFor('subset0.zip');
    if (last) expect(Number(/bytes=(\d+)-/.exec(last.range ?? '')?.[1])).toBeGreaterThanOrEqual(furthest);
  } finally {
    zenodo.stop();
  }
});
