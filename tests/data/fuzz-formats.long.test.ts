import { join } from 'node:path';
import { repoRoot } from '../present';
import { spoiltFiles } from './format-fuzz-cases';
import { fuzzReader } from './fuzz';

const reader = { module: join(repoRoot, 'datasets', 'formats'), reader: 'readVolume' };

test('fifteen thousand spoilt MetaImages, NIfTIs and NRRDs crash, hang or over-fill nothing', async () => {
  const report = await fuzzReader(spoiltFiles(2024, 15_000), { ...reader, deadlineMs: 10_000 });
  expect(report.failures).toEqual([]);
  expect(report.read + report.refused).toBe(15_000);
  expect(report.read).toBeGreaterThan(1000);
  expect(Object.keys(report.codes).length).toBeGreaterThan(18);
});
