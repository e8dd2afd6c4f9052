import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeWithSharedData } from '../present';
import type { PhantomToReal } from './phantom-to-real';

describeWithSharedData('a real chest CT, shown to models', (sharedData) => {
  let figures: PhantomToReal;

  beforeAll(async () => {
    const world = await mkdtemp(join(tmpdir(), 'phantom-to-real-'));
    try {
      const script = ['--require', 'tsx/cjs', join(__dirname, 'phantom-to-real.ts'), sharedData, world];
      const { stdout } = await promisify(execFile)(process.execPath, script);
      figures = JSON.parse(stdout.trim().split('\n').at(-1)!) as PhantomToReal;
    } finally {
      await rm(world, { recursive: true, force: true });
    }
  });

  test('one that learnt on real scans takes the nodules put into lung for nodules, and lung for lung', () => {
    expect(figures.real.found).toBeGreaterThanOrEqual(0.9);
    expect(figures.real.above).toBeLessThanOrEqual(0.01);
  });

  test('one that learnt on the phantom alone finds 90 % of them, and sees a nodule in at most 5 % of random lung', () => {
    expect(figures.phantom.places).toBeGreaterThanOrEqual(500);
    expect(figures.phantom.nodules).toBeGreaterThanOrEqual(100);
    expect(figures.phantom.above).toBeLessThanOrEqual(0.05);
    expect(figures.phantom.found).toBeGreaterThanOrEqual(0.9);
  });
});
