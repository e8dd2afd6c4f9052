import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle } from 'model-bundle';
import { measurePerformance } from '../../services/validation/performance';
import { repoRoot } from '../present';
import { writeSampleBundle } from '../serving/sample-bundle';

let world: string;
let fastBundle: Bundle;

beforeAll(async () => {
  world = await mkdtemp(join(tmpdir(), 'performance-'));
  fastBundle = await writeSampleBundle(join(world, 'fast'));
});
afterAll(() => rm(world, { recursive: true, force: true }));

test('a slower model is measured slower, and a larger one larger', async () => {
  const slow = await measurePerformance(await writeSampleBundle(join(world, 'slow'), { slow: true }));
  const fast = await measurePerformance(fastBundle);
  // With two wide convolutions, and without.
  expect(slow.latencyMs.p50).toBeGreaterThan(5 * fast.latencyMs.p50);
  expect(slow.throughput.patchesPerSecond).toBeLessThan(fast.throughput.patchesPerSecond / 5);
  expect(slow.peakMemoryMb).toBeGreaterThan(fast.peakMemoryMb + 100);
});

test('the memory of the program that asks is not counted', () => {
  const script = `
    const held = Buffer.alloc(1.5 * 2 ** 30, 1);
    const { readBundle } = require('model-bundle');
    const { measurePerformance } = require(${JSON.stringify(join(repoRoot, 'services', 'validation', 'performance'))});
    readBundle(process.argv[1]).then(measurePerformance).then((p) => console.log(held.length, p.peakMemoryMb));
  `;
  const options = { cwd: repoRoot, encoding: 'utf8' } as const;
  const { stdout } = spawnSync(process.execPath, ['--require', 'tsx/cjs', '-e', script, fastBundle.dir], options);
  const [held, peakMemoryMb] = stdout.trim().split(' ').map(Number);
  expect(held).toBe(1.5 * 2 ** 30);
  expect(peakMemoryMb).toBeLessThan(1000);
});
