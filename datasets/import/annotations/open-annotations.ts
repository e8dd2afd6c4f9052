import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { DicomSeries } from '../../formats/dicom';
import type { SeriesAnnotations } from '../journal';
import { annotationsError } from './errors';
import { consensusOf } from './consensus';
import { type LidcReading, readLidcXml } from './read-lidc-xml';

export interface AnnotationSource {
  /** Series that annotations were found for, by original UID. */
  seriesUids: ReadonlySet<string>;
  /** Undefined: there are none for this series. */
  annotate: (series: DicomSeries, newUid: string) => { annotations: SeriesAnnotations; outside: number } | undefined;
}

type Nodule = SeriesAnnotations['nodules'][number];

// An empty cell is no zero.
const number = z.string().min(1).pipe(z.coerce.number());
const rowSchema = z.object({
  seriesuid: z.string().min(1),
  coordX: number,
  coordY: number,
  coordZ: number,
  diameter_mm: number.pipe(z.number().positive()),
});

/**
 * Reads annotations that name series by their original UIDs: LIDC-IDRI's XML files (a folder, searched with its folders, or
 * one), or CSV files with LUNA16's columns.
 *
 * @throws CodedError ANNOTATIONS_NOT_FOUND, ANNOTATIONS_NONE, ANNOTATIONS_BAD_XML, ANNOTATIONS_BAD_ROW.
 */
export async function openAnnotations(paths: readonly string[]): Promise<AnnotationSource> {
  const readings = new Map<string, LidcReading>();
  const rows = new Map<string, Nodule[]>();
  for (const path of paths) {
    const before = readings.size + rows.size;
    for (const file of await listFiles(path)) {
      const content = await readFile(file, 'utf8');
      if (/\.csv$/i.test(file)) readRows(content, file, rows);
      else {
        const reading = readLidcXml(content, file);
        // LIDC-IDRI holds several readings of few series; the first by name counts.
        if (reading && !readings.has(reading.seriesUid)) readings.set(reading.seriesUid, reading);
      }
    }
    if (readings.size + rows.size === before) throw annotationsError('ANNOTATIONS_NONE', { path });
  }
  return {
    seriesUids: new Set([...readings.keys(), ...rows.keys()]),
    annotate(series, seriesUid) {
      const reading = readings.get(series.seriesUid);
      const nodules = rows.get(series.seriesUid);
      if ((!reading && !nodules) || !series.geometry) return undefined;
      const slices = new Map(series.files.map(({ sopInstanceUid }, slice) => [sopInstanceUid, slice]));
      const perSlice = series.files.length === series.geometry.size[0];
      const consensus = reading && consensusOf(reading, series.geometry, perSlice ? slices : new Map());
      return {
        annotations: {
          kind: 'annotations',
          seriesUid,
          nodules: [...(consensus?.nodules ?? []).map(toNodule), ...(nodules ?? [])],
          excluded: (consensus?.excluded ?? []).map(({ xyz, ...rest }) => ({ xyz: [...xyz], ...rest })),
        },
        outside: consensus?.outside ?? 0,
      };
    },
  };
}

function toNodule({ xyz, box, ...rest }: ReturnType<typeof consensusOf>['nodules'][number]): Nodule {
  return { ...rest, xyz: [...xyz], box: { low: [...box.low], high: [...box.high] } };
}

async function listFiles(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw annotationsError('ANNOTATIONS_NOT_FOUND', { path }, cause);
  });
  if (found.isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(xml|csv)$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function readRows(content: string, file: string, into: Map<string, Nodule[]>): void {
  const lines = parse(content, {
    columns: true,
    bom: true,
    trim: true,
    skip_empty_lines: true,
    relax_column_count: true,
  });
  lines.forEach((line, i) => {
    const row = rowSchema.safeParse(line);
    if (!row.success) {
      const [issue] = row.error.issues;
      const column = issue?.path.join('.') ?? '';
      throw annotationsError('ANNOTATIONS_BAD_ROW', { file, line: i + 2, column });
    }
    const { seriesuid, coordX, coordY, coordZ, diameter_mm } = row.data;
    const nodule: Nodule = {
      xyz: [coordX, coordY, coordZ],
      diameterMm: diameter_mm,
      malignancy: [],
      characteristics: null,
      box: null,
    };
    into.set(seriesuid, [...(into.get(seriesuid) ?? []), nodule]);
  });
}
