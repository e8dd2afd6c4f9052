import { openLuna16 } from '../datasets';
import { say } from './terminal';

export async function checkDataset(dir: string): Promise<void> {
  const { manifest, absent } = await openLuna16(dir);
  const nodules = manifest.candidates.filter(({ label }) => label === 1).length;
  const patients = new Set(manifest.series.map(({ patientId }) => patientId)).size;
  const rows: [string, string | number][] = [
    ['dataset', `${manifest.name}${manifest.synthetic ? ' (phantom: synthetic)' : ''}`],
    ['digest', manifest.digest],
    ['scans', manifest.series.length],
    ['patients', patients],
    ['candidates', manifest.candidates.length],
    ['nodules', nodules],
    ['not on disk', `${absent.series} scans, ${absent.candidates} candidates`],
  ];
  for (const [name, value] of rows) say(`${name.padEnd(12)} ${value}`);
}
