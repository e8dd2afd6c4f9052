import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { writeFileDurably } from 'durable-files';
import { CHARACTERISTICS } from './annotations';
import type { ImportedSeries, Journal, SeriesAnnotations } from './journal';
import { readText } from './read-text';

type Cell = string | number | null;

interface Table {
  file: string;
  columns: readonly string[];
  /** Made even without rows: LUNA16's readers ask for it. */
  required: boolean;
  /** Rows of a series; undefined: this import says nothing of it, its rows stay. */
  rows: (seriesUid: string, journal: Journal) => Cell[][] | undefined;
}

const PLACE = ['coordX', 'coordY', 'coordZ'];
const TABLES: readonly Table[] = [
  {
    file: 'patients.csv',
    columns: ['patient_id'],
    required: true,
    rows: (seriesUid, { series }) => ofSeries(series.get(seriesUid), ({ patient }) => [[patient]]),
  },
  {
    file: 'series.csv',
    columns: [
      ...['manufacturer', 'model', 'kernel', 'slice_thickness_mm', 'kvp', 'tube_current_ma', 'exposure_mas'],
      ...['slices', 'spacing_x_mm', 'spacing_y_mm', 'spacing_z_mm', 'sex', 'age_decade'],
    ],
    required: true,
    rows: (seriesUid, { series }) => ofSeries(series.get(seriesUid), acquisitionRow),
  },
  {
    file: 'annotations.csv',
    columns: [...PLACE, 'diameter_mm'],
    required: true,
    rows: (seriesUid, { annotations }) =>
      annotations.get(seriesUid)?.nodules.map(({ xyz, diameterMm }) => [...xyz, diameterMm]),
  },
  {
    file: 'candidates_V2.csv',
    columns: [...PLACE, 'class'],
    required: true,
    rows: (seriesUid, { annotations }) => candidateRows(annotations.get(seriesUid)),
  },
  {
    file: 'annotations_excluded.csv',
    columns: [...PLACE, 'diameter_mm'],
    required: false,
    rows: (seriesUid, { annotations }) =>
      annotations.get(seriesUid)?.excluded.map(({ xyz, diameterMm }) => [...xyz, diameterMm ?? -1]),
  },
  {
    file: 'annotations_with_malignancy.csv',
    columns: [
      ...[...PLACE, 'diameter_mm', 'mal_bool', 'mal_details'],
      ...['bboxLowX', 'bboxLowY', 'bboxLowZ', 'bboxHighX', 'bboxHighY', 'bboxHighZ', 'len_mal_details'],
      ...CHARACTERISTICS,
    ],
    required: false,
    rows: (seriesUid, { annotations }) => malignancyRows(annotations.get(seriesUid)),
  },
];

/**
 * Brings LUNA16's tables, patients.csv and series.csv to what the journal tells. Rows of other series, which stood there
 * before, stay as they are and first; a table that would not change is not written.
 */
export async function settleTables(dir: string, journal: Journal): Promise<void> {
  const uids = [...new Set([...journal.series.keys(), ...journal.annotations.keys()])];
  for (const table of TABLES) {
    const path = join(dir, table.file);
    const old = await readTable(path);
    const columns = old?.columns ?? ['seriesuid', ...table.columns];
    const ours = new Map(uids.map((uid) => [uid, table.rows(uid, journal)]));
    const kept = (old?.rows ?? []).filter((row) => ours.get(row[columns.indexOf('seriesuid')] ?? '') === undefined);
    if (table.file === 'patients.csv' && !old) kept.push(...(await ownPatients(dir, journal)));
    const added = [...ours].flatMap(([uid, rows]) =>
      (rows ?? []).map((row) => arrange(['seriesuid', ...table.columns], [uid, ...row], columns)),
    );
    if (kept.length + added.length === 0 && !table.required) continue;
    const text = [columns, ...kept, ...added].map((row) => `${row.map(quote).join(',')}\n`).join('');
    if (text !== old?.text) await writeFileDurably(path, text);
  }
}

function ofSeries<Row>(series: ImportedSeries | undefined, rows: (series: ImportedSeries) => Row): Row | undefined {
  return series && rows(series);
}

function acquisitionRow({ acquisition, slices, spacingXyz }: ImportedSeries): Cell[][] {
  const { manufacturer, model, kernel, sliceThicknessMm, kvp, tubeCurrentMa, exposureMas, sex, ageDecade } =
    acquisition;
  const scanner = [manufacturer, model, kernel, sliceThicknessMm, kvp, tubeCurrentMa, exposureMas];
  return [[...scanner, slices, ...spacingXyz, sex, ageDecade]];
}

/** Nodules are candidates of class 1, lesions that readers held for no nodules and that lie in none of class 0. */
function candidateRows(annotations: SeriesAnnotations | undefined): Cell[][] | undefined {
  if (!annotations) return undefined;
  const { nodules, excluded } = annotations;
  const lesions = excluded.filter(
    ({ kind, xyz: [x, y, z] }) =>
      kind === 'non-nodule' &&
      nodules.every(({ xyz, diameterMm }) => Math.hypot(x - xyz[0], y - xyz[1], z - xyz[2]) > diameterMm / 2),
  );
  return [...nodules.map(({ xyz }) => [...xyz, 1]), ...lesions.map(({ xyz }) => [...xyz, 0])];
}

/** The columns of *Deep Learning with PyTorch*'s file of this name, and the readers' median ratings. */
function malignancyRows(annotations: SeriesAnnotations | undefined): Cell[][] | undefined {
  return annotations?.nodules
    .filter(({ malignancy }) => malignancy.length > 0)
    .map(({ xyz, diameterMm, malignancy, box, characteristics }) => [
      ...[...xyz, diameterMm],
      // Two readers or more who think it malignant.
      malignancy.filter((rating) => rating >= 4).length >= 2 ? 'True' : 'False',
      `[${malignancy.join(', ')}]`,
      ...(box?.low ?? [null, null, null]),
      ...(box?.high ?? [null, null, null]),
      malignancy.length,
      ...CHARACTERISTICS.map((name) => characteristics?.[name] ?? null),
    ]);
}

/** Scans that stood here before there was a patients.csv: each its own patient, as they were until now. */
async function ownPatients(dir: string, { series }: Journal): Promise<string[][]> {
  const scans = await findScans(dir);
  return [...scans.keys()].filter((uid) => !series.has(uid)).map((uid) => [uid, uid]);
}

/** The scans of a dataset on disk: UID and file, relative to `dir`. */
export async function findScans(dir: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory() && /^subset\d+$/.test(entry.name));
  for (const folder of ['', ...folders.map(({ name }) => name)]) {
    const names = await readdir(join(dir, folder)).catch(() => []);
    for (const name of names.filter((file) => /\.mh[ad]$/.test(file))) found.set(name.slice(0, -4), join(folder, name));
  }
  return found;
}

async function readTable(path: string): Promise<{ columns: string[]; rows: string[][]; text: string } | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  const options = { bom: true, trim: true, skip_empty_lines: true, relax_column_count: true };
  const [columns, ...rows] = parse(text, options);
  return columns && { columns, rows, text };
}

/** A row in the order of the columns that a table already has; what it has no column for is left out. */
function arrange(from: readonly string[], row: readonly Cell[], to: readonly string[]): string[] {
  return to.map((column) => String(row[from.indexOf(column)] ?? ''));
}

function quote(cell: string): string {
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
