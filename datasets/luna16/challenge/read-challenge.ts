import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { number, streamRows } from '../../csv';
import { luna16Error } from '../errors';
import { MARK_COLUMNS } from '../mark-columns';
import type { Challenge, ChallengeFinding } from './challenge';

/** The files of the LUNA16 challenge. */
export interface ChallengeFiles {
  /** seriesuid, coordX, coordY, coordZ, diameter_mm */
  annotations: string;
  /** The same of findings that count neither way; nothing is excluded where left out. */
  excluded?: string;
  /** One series a line, without a header. */
  series: string;
  /** seriesuid, coordX, coordY, coordZ, probability */
  results: string;
}

/**
 * Reads the challenge's files: the scans are those of the list of series, with or without nodules and marks. A diameter below
 * 0 says that only a point is known. Rows of other series are counted and left out.
 *
 * @throws CodedError LUNA16_NO_SERIES_LISTED, LUNA16_SERIES_LISTED_TWICE, LUNA16_NO_MARK_OF_SERIES, and the CSV_… family:
 * which file, line and column.
 */
export async function readChallenge({ annotations, excluded, series, results }: ChallengeFiles): Promise<Challenge> {
  const uids = await readSeriesList(series);
  const nodules = await readFindings(annotations, uids);
  const excludedFindings = excluded === undefined ? undefined : await readFindings(excluded, uids);
  const marks = await readMarks(results, uids);
  const scans = [...uids].map(([seriesUid, scan]) => ({
    seriesUid,
    nodules: nodules.ofScan[scan]!,
    excluded: excludedFindings?.ofScan[scan] ?? [],
    places: Float64Array.from(marks.places[scan]!),
    probabilities: Float64Array.from(marks.probabilities[scan]!),
  }));
  const ofOtherSeries = { nodules: nodules.others, excluded: excludedFindings?.others ?? 0, marks: marks.others };
  return { scans, ofOtherSeries };
}

/** Number of each series. */
type SeriesNumbers = ReadonlyMap<string, number>;

async function readSeriesList(file: string): Promise<SeriesNumbers> {
  if (!existsSync(file)) throw luna16Error('LUNA16_NO_SERIES_LISTED', { file });
  const lines = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '').split('\n');
  const uids = new Map<string, number>();
  const lineOf = new Map<string, number>();
  lines.forEach((text, i) => {
    const uid = text.split(',')[0]!.replaceAll('"', '').trim();
    if (uid === '' || (i === 0 && uid === 'seriesuid')) return;
    const first = lineOf.get(uid);
    if (first !== undefined) throw luna16Error('LUNA16_SERIES_LISTED_TWICE', { file, line: i + 1, first });
    lineOf.set(uid, i + 1);
    uids.set(uid, uids.size);
  });
  if (uids.size === 0) throw luna16Error('LUNA16_NO_SERIES_LISTED', { file });
  return uids;
}

async function readFindings(file: string, uids: SeriesNumbers) {
  const ofScan = Array.from(uids, (): ChallengeFinding[] => []);
  let others = 0;
  for (const row of await streamRows(file, { ...MARK_COLUMNS, diameter_mm: number })) {
    const scan = uids.get(row.seriesuid);
    if (scan === undefined) others++;
    else {
      const diameterMm = row.diameter_mm < 0 ? null : row.diameter_mm;
      ofScan[scan]!.push({ xyz: [row.coordX, row.coordY, row.coordZ], diameterMm });
    }
  }
  return { ofScan, others };
}

async function readMarks(file: string, uids: SeriesNumbers) {
  const places = Array.from(uids, (): number[] => []);
  const probabilities = Array.from(uids, (): number[] => []);
  let others = 0;
  let marks = 0;
  for (const row of await streamRows(file, { ...MARK_COLUMNS, probability: number })) {
    marks++;
    const scan = uids.get(row.seriesuid);
    if (scan === undefined) others++;
    else {
      places[scan]!.push(row.coordX, row.coordY, row.coordZ);
      probabilities[scan]!.push(row.probability);
    }
  }
  if (marks > 0 && others === marks) throw luna16Error('LUNA16_NO_MARK_OF_SERIES', { file, marks, series: uids.size });
  return { places, probabilities, others };
}
