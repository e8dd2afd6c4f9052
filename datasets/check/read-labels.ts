import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CellType, number, positiveNumber, readTable, text, zeroOrOne } from '../csv';
import type { Xyz } from '../volume';
import { type Finding, type FindingCode, finding } from './finding';

export interface LabelRow {
  line: number;
  seriesUid: string;
  xyz: Xyz;
}

export interface CandidateRow extends LabelRow {
  label: 0 | 1;
}

export interface AnnotationRow extends LabelRow {
  diameterMm: number;
}

/** The tables as far as they can be read. */
export interface LabelTables {
  candidates: CandidateRow[];
  annotations: AnnotationRow[];
  /** Undefined without `patients.csv`. */
  patients: { line: number; seriesUid: string; patientId: string }[] | undefined;
}

export const CANDIDATES = 'candidates_V2.csv';
export const ANNOTATIONS = 'annotations.csv';
export const PATIENTS = 'patients.csv';
export const EXCLUDED = 'annotations_excluded.csv';

const PROBLEM_CODES = {
  'missing-file': 'TABLE_MISSING',
  unreadable: 'TABLE_UNREADABLE',
  'missing-column': 'TABLE_UNREADABLE',
  'bad-row': 'BAD_ROW',
} as const satisfies Record<string, FindingCode>;

/** Reads candidates, annotations and patients; every bad row of each is a finding. */
export async function readLabelTables(dir: string): Promise<{ tables: LabelTables; findings: Finding[] }> {
  const findings: Finding[] = [];
  const read = async <Row extends object>(file: string, columns: { [Column in keyof Row]: CellType<Row[Column]> }) => {
    const { rows, problems } = await readTable<Row>(join(dir, file), columns);
    for (const { kind, line, column, what } of problems) {
      findings.push(finding(PROBLEM_CODES[kind], what, { file, line, ...(column === '' ? {} : { column }) }));
    }
    return rows;
  };
  const place = { seriesuid: text, coordX: number, coordY: number, coordZ: number };
  const candidates = await read<PlaceRow & { class: 0 | 1 }>(CANDIDATES, { ...place, class: zeroOrOne });
  const annotations = await read<PlaceRow & { diameter_mm: number }>(ANNOTATIONS, {
    ...place,
    diameter_mm: positiveNumber,
  });
  // Of these only what cannot be read is told: what counts neither way may lie anywhere.
  if (existsSync(join(dir, EXCLUDED))) await read<PlaceRow>(EXCLUDED, place);
  const patients = existsSync(join(dir, PATIENTS))
    ? await read<{ seriesuid: string; patient_id: string }>(PATIENTS, { seriesuid: text, patient_id: text })
    : undefined;
  return {
    tables: {
      candidates: candidates.map(({ line, row }) => ({ line, ...placed(row), label: row.class })),
      annotations: annotations.map(({ line, row }) => ({ line, ...placed(row), diameterMm: row.diameter_mm })),
      patients: patients?.map(({ line, row }) => ({ line, seriesUid: row.seriesuid, patientId: row.patient_id })),
    },
    findings,
  };
}

interface PlaceRow {
  seriesuid: string;
  coordX: number;
  coordY: number;
  coordZ: number;
}

function placed({ seriesuid, coordX, coordY, coordZ }: PlaceRow): { seriesUid: string; xyz: Xyz } {
  return { seriesUid: seriesuid, xyz: [coordX, coordY, coordZ] };
}
