import { join } from 'node:path';
import { repoRoot } from '../present';
import { hostileFiles, spoiltFiles } from './format-fuzz-cases';
import { fuzzReader } from './fuzz';

const reader = { module: join(repoRoot, 'datasets', 'formats'), reader: 'readVolume' };

test('files made to hurt (2^40 voxels, bombs, circles, ways out of the folder) are refused in bounded memory', async () => {
  const cases = await hostileFiles();
  const report = await fuzzReader(cases, { ...reader, maxVoxels: 2 ** 29, memoryMb: 400 });
  expect(report.failures).toEqual([]);
  expect(report.refused).toBe(cases.length);
});

test('spoilt MetaImages, NIfTIs and NRRDs are read or refused by a code, and nothing else happens', async () => {
  const report = await fuzzReader(spoiltFiles(4, 400), reader);
  expect(report.failures).toEqual([]);
  // Both happen, and by many ways: else the files were not spoilt or not reached.
  expect(report.read).toBeGreaterThan(50);
  expect(Object.keys(report.codes).length).toBeGreaterThan(12);
});
