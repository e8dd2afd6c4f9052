import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { number, optional, readRows } from '../csv';
import type { ExcludedFinding } from '../manifest';
import { MARK_COLUMNS } from './mark-columns';

/** Reads `annotations_excluded.csv`, where there is one. A diameter below 0, or none, means that only a point is known. */
export async function readExcludedFindings(dir: string): Promise<ExcludedFinding[]> {
  const file = join(dir, 'annotations_excluded.csv');
  if (!existsSync(file)) return [];
  const rows = await readRows(file, MARK_COLUMNS, { diameter_mm: optional(number) });
  return rows.map(({ seriesuid, coordX, coordY, coordZ, diameter_mm }) => ({
    seriesUid: seriesuid,
    xyz: [coordX, coordY, coordZ],
    diameterMm: diameter_mm !== null && diameter_mm < 0 ? null : diameter_mm,
  }));
}
