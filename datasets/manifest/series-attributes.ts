import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { readRecords } from '../csv';
import { manifestError } from './errors';
import type { SeriesAttributes } from './manifest';

const FILE = 'series.csv';
/** Columns that name a scan or a person instead of describing how the scan was made. */
const NAMES = new Set(['seriesuid', 'patient_id']);

/**
 * What the optional `series.csv` of a dataset tells of each series, by `seriesuid`. Empty cells are left out, and series
 * of which nothing is told.
 *
 * @throws CodedError SERIES_TWO_ROWS, and of the CSV_… family.
 */
export async function readSeriesAttributes(dir: string): Promise<Map<string, SeriesAttributes>> {
  const file = join(dir, FILE);
  const attributes = new Map<string, SeriesAttributes>();
  if (!existsSync(file)) return attributes;
  for (const { line, cells } of await readRecords(file, 'seriesuid')) {
    const seriesUid = cells['seriesuid']!;
    const told = Object.fromEntries(Object.entries(cells).filter(([name, cell]) => cell !== '' && !NAMES.has(name)));
    const before = attributes.get(seriesUid);
    if (before && !isDeepStrictEqual(before, told)) throw manifestError('SERIES_TWO_ROWS', { file, line });
    if (Object.keys(told).length > 0) attributes.set(seriesUid, told);
  }
  return attributes;
}
