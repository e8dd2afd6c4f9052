import { join } from 'node:path';
import { describeWithProgram, repoRoot } from '../present';
import { hostileDicom, soundDicom, spoiltDicom } from './dicom-fuzz-cases';
import { fuzzReader } from './fuzz';

const reader = { module: join(repoRoot, 'datasets', 'formats'), reader: 'readVolume' };

test('DICOM made to hurt (nesting, endless lengths, 2^40 pixels, bombs) is refused in bounded time and memory', async () => {
  const cases = hostileDicom();
  const report = await fuzzReader(cases, { ...reader, maxVoxels: 2 ** 29, memoryMb: 600, deadlineMs: 15_000 });
  expect(report.failures).toEqual([]);
  expect(report.refused).toBe(cases.length);
});

describeWithProgram('dcmcjpls', 'of DCMTK', () => {
  describeWithProgram('gdcmconv', 'and GDCM', () => {
    test('spoilt DICOM of every pixel code is read or refused by a code, and nothing else happens', async () => {
      const report = await fuzzReader(spoiltDicom(soundDicom(), 3, 300), { ...reader, deadlineMs: 15_000 });
      expect(report.failures).toEqual([]);
      expect(report.read).toBeGreaterThan(20);
      expect(Object.keys(report.codes).length).toBeGreaterThan(5);
    });
  });
});
