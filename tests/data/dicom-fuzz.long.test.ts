import { join } from 'node:path';
import { describeWithProgram, repoRoot } from '../present';
import { soundDicom, spoiltDicom } from './dicom-fuzz-cases';
import { fuzzReader } from './fuzz';

const reader = { module: join(repoRoot, 'datasets', 'formats'), reader: 'readVolume' };

describeWithProgram('dcmcjpls', 'with DCMTK', () => {
  describeWithProgram('gdcmconv', 'and GDCM', () => {
    test('three thousand spoilt DICOM series crash, hang or over-fill nothing', async () => {
      const report = await fuzzReader(spoiltDicom(soundDicom(), 2026, 3000), { ...reader, deadlineMs: 15_000 });
      expect(report.failures).toEqual([]);
      expect(report.read + report.refused).toBe(3000);
      expect(report.read).toBeGreaterThan(200);
      expect(Object.keys(report.codes).length).toBeGreaterThan(7);
    });
  });
});
