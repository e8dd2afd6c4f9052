import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Candidate } from '../manifest';
import type { Xyz } from '../volume';
import { number, positiveNumber, readCsv, text, zeroOrOne } from './csv';
import { luna16Error } from './errors';
import type { ScannedSeries } from './series-files';

/** What LUNA16's csv files say of the series that are on disk, and how much they say of others. */
export interface Labels {
  candidates: Candidate[];
  absent: { series: number; candidates: number };
}

interface Annotation {
  xyz: Xyz;
  diameterMm: number;
}

const place = { seriesuid: text, coordX: number, coordY: number, coordZ: number };

/** Reads `candidates_V2.csv`, and `annotations.csv` for the diameters of the nodules among them. */
export async function readLabels(dir: string, series: readonly ScannedSeries[]): Promise<Labels> {
  const annotations = await readAnnotations(join(dir, 'annotations.csv'));
  const rows = await readCsv(join(dir, 'candidates_V2.csv'), { ...place, class: zeroOrOne });
  const digests = new Map(series.map(({ seriesUid, digest }) => [seriesUid, digest]));
  const counts = new Map<string, number>();
  const candidates: Candidate[] = [];
  for (const { seriesuid, coordX, coordY, coordZ, class: label } of rows) {
    const count = (counts.get(seriesuid) ?? 0) + 1;
    counts.set(seriesuid, count);
    const digest = digests.get(seriesuid);
    if (digest === undefined) continue;
    const xyz: Xyz = [coordX, coordY, coordZ];
    const diameterMm = label === 1 ? matchedDiameter(xyz, annotations.get(seriesuid) ?? []) : null;
    const id = `${digest.replace('sha256:', '').slice(0, 12)}-${count}`;
    candidates.push({ id, seriesUid: seriesuid, xyz, label, diameterMm });
  }
  const absentSeries = [...counts.keys()].filter((uid) => !digests.has(uid)).length;
  return { candidates, absent: { series: absentSeries, candidates: rows.length - candidates.length } };
}

/** Diameter of the nearest annotation whose sphere the candidate lies in. */
function matchedDiameter(xyz: Xyz, annotations: readonly Annotation[]): number | null {
  let nearest = Infinity;
  let matched: number | null = null;
  for (const { xyz: center, diameterMm } of annotations) {
    const distance = Math.hypot(xyz[0] - center[0], xyz[1] - center[1], xyz[2] - center[2]);
    if (distance >= diameterMm / 2 || distance >= nearest) continue;
    nearest = distance;
    matched = diameterMm;
  }
  return matched;
}

async function readAnnotations(file: string): Promise<Map<string, Annotation[]>> {
  const rows = await readCsv(file, { ...place, diameter_mm: positiveNumber });
  const annotations = new Map<string, Annotation[]>();
  for (const { seriesuid, coordX, coordY, coordZ, diameter_mm } of rows) {
    const ofSeries = annotations.get(seriesuid) ?? [];
    ofSeries.push({ xyz: [coordX, coordY, coordZ], diameterMm: diameter_mm });
    annotations.set(seriesuid, ofSeries);
  }
  return annotations;
}

/** Patient of each series, from the optional `patients.csv`; without it each series is its own patient. */
export async function readPatients(dir: string, series: readonly ScannedSeries[]): Promise<Map<string, string>> {
  const file = join(dir, 'patients.csv');
  if (!existsSync(file)) return new Map(series.map(({ seriesUid }) => [seriesUid, seriesUid]));
  const rows = await readCsv(file, { seriesuid: text, patient_id: text });
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
