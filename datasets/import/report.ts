import { join } from 'node:path';
import { writeFileDurably, writeJsonDurably } from 'durable-files';
import { PROFILE_EDITION, Tally, type TallyRow } from './deidentify';
import type { Journal } from './journal';

/** What `deidentification-report.json` tells; no value of the source is in it. */
export interface DeidentificationReport {
  standard: string;
  profile: string;
  options: string[];
  beyondTheTable: string[];
  notDone: string[];
  keyFingerprint: string;
  patients: number;
  series: number;
  files: number;
  actions: TallyRow[];
  refused: { reason: string; series: number; files: number }[];
}

const BEYOND = [
  'attributes that PS3.6 does not know, or whose VR is not the one of PS3.6, are removed',
  'names of persons, free text, times of day and bulk data other than pixels are removed wherever they stand; of short texts the manufacturer, model, software, kernel, filter and codes stay',
  "texts that would stay but repeat the patient's names, numbers or the accession number are removed",
  'times of day are treated by the Basic Profile, not retained; date-times keep their shifted date only',
  'UIDs outside the table are remapped, but for those of classes, syntaxes and coding schemes',
];
const NOT_DONE = [
  'pixels are not looked into: images that say or suggest burned-in text are refused, others are taken as they are',
  'faces are not removed: a head or neck CT can show who it is',
  'Clean Pixel Data, Clean Recognizable Visual Features and Clean Descriptors are not claimed',
];

export function makeReport(journal: Journal): DeidentificationReport {
  const series = [...journal.series.values()];
  const tally = new Tally();
  for (const { tally: rows } of series) tally.addRows(rows as Omit<TallyRow, 'name'>[]);
  const retained = journal.start?.retainPatientCharacteristics === true;
  return {
    standard: `DICOM ${PROFILE_EDITION}, Annex E, Table E.1-1`,
    profile: 'Basic Application Level Confidentiality Profile (113100)',
    options: [
      'Retain Longitudinal Temporal Information With Modified Dates (113107)',
      ...(retained ? ['Retain Patient Characteristics (113108)'] : []),
    ],
    beyondTheTable: BEYOND,
    notDone: NOT_DONE,
    keyFingerprint: journal.start?.keyFingerprint ?? '',
    patients: new Set(series.map(({ patient }) => patient)).size,
    series: series.length,
    files: series.reduce((sum, { files }) => sum + files, 0),
    actions: tally.rows(),
    refused: refusals(journal),
  };
}

/** `deidentification-report.json`, and its actions as a table in `deidentification-report.csv`. */
export async function writeReport(dir: string, report: DeidentificationReport): Promise<void> {
  await writeJsonDurably(join(dir, 'deidentification-report.json'), report);
  const lines = report.actions.map(({ tag, name, deed, reason, count }) => [tag, name, deed, reason, count].join(','));
  await writeFileDurably(
    join(dir, 'deidentification-report.csv'),
    ['tag,name,deed,reason,count', ...lines].map((line) => `${line}\n`).join(''),
  );
}

function refusals({ refused }: Journal): DeidentificationReport['refused'] {
  const byReason = new Map<string, { reason: string; series: number; files: number }>();
  for (const { reason, files } of refused.values()) {
    const sum = byReason.get(reason) ?? { reason, series: 0, files: 0 };
    byReason.set(reason, { reason, series: sum.series + 1, files: sum.files + files });
  }
  return [...byReason.values()];
}
