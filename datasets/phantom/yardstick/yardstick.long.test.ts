import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { seededRandom } from 'seeded-random';
import { describeWithSharedData } from '../../../tests/present';
import { generatePhantom } from '..';
import { drawDiameter } from '../nodules';
import type { Yardstick } from '.';

describeWithSharedData('the phantom against the real thing', (sharedData) => {
  test('a model that learnt on real scans tells phantom nodules from phantom false candidates; a threshold does not', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'yardstick-'));
    try {
      await generatePhantom(dir, { seed: 1, scans: 6 });
      const model = join(sharedData, 'lunamodel', 'lunamodel.onnx');
      const script = ['--require', 'tsx/cjs', join(__dirname, 'measure-phantom.ts'), dir, model];
      const { stdout } = await promisify(execFile)(process.execPath, script);
      const figures = JSON.parse(stdout) as Yardstick;
      expect(figures.aucModel).toBeGreaterThanOrEqual(0.9);
      expect(figures.aucModel).toBeLessThan(0.999);
      expect(figures.lungMedian).toBeLessThan(0.01);
      expect(figures.aucMeanHu).toBeLessThanOrEqual(0.8);
      expect(figures.aucMaxHu).toBeLessThanOrEqual(0.8);
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  test('nodule diameters are distributed as LUNA16’s (Kolmogorov–Smirnov distance under 0.06)', async () => {
    const rows = (await readFile(join(sharedData, 'luna16', 'annotations.csv'), 'utf8')).trim().split('\n').slice(1);
    const real = rows.map((row) => Number(row.split(',')[4])).sort((a, b) => a - b);
    const random = seededRandom(1);
    const drawn = Array.from({ length: 20_000 }, () => drawDiameter(random));
    const below = (limit: number) => drawn.filter((diameter) => diameter <= limit).length / drawn.length;
    const gaps = real
      .filter((_, i) => i % 10 === 0)
      .map((limit, i) => Math.abs((10 * i + 1) / real.length - below(limit)));
    expect(Math.max(...gaps)).toBeLessThan(0.06);
  });
});
