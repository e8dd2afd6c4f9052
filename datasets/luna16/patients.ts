import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readRows, text } from '../csv';
import { luna16Error } from './errors';
import type { ScannedSeries } from './series-files';

/** Patient of each series, from the optional `patients.csv`; without it each series is its own patient. */
export async function readPatients(dir: string, series: readonly ScannedSeries[]): Promise<Map<string, string>> {
  const file = join(dir, 'patients.csv');
  if (!existsSync(file)) return new Map(series.map(({ seriesUid }) => [seriesUid, seriesUid]));
  const rows = await readRows(file, { seriesuid: text, patient_id: text });
  const patients = new Map<string, string>();
  for (const { seriesuid, patient_id } of rows) {
    if ((patients.get(seriesuid) ?? patient_id) !== patient_id) {
      throw luna16Error('LUNA16_TWO_PATIENTS', { file, seriesUid: seriesuid });
    }
    patients.set(seriesuid, patient_id);
  }
  for (const { seriesUid, file: scan } of series) {
    if (!patients.has(seriesUid)) throw luna16Error('LUNA16_PATIENT_MISSING', { file, series: scan });
  }
  return patients;
}
