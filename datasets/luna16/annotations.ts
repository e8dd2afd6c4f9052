import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CellType, optional, positiveNumber, readRows } from '../csv';
import type { Annotation } from '../manifest';
import { groupBySeries } from './group-by-series';
import { MARK_COLUMNS } from './mark-columns';

/** A mean rating, as readers rate malignancy: from 1 to 5. */
const rating: CellType<number> = {
  expected: 'a rating from 1 to 5',
  parse: (cell) => (Number(cell) >= 1 && Number(cell) <= 5 ? Number(cell) : undefined),
};

/** The ratings of single readers in the table that came with the book: `[4, 2, 4, 2]`. */
const ratings: CellType<number> = {
  expected: 'ratings from 1 to 5, as in `[4, 2, 4, 2]`',
  parse: (cell) => {
    const values = /^\[([1-5](?:, ?[1-5])*)\]$/.exec(cell)?.[1]?.split(',').map(Number);
    return values && values.reduce((sum, value) => sum + value, 0) / values.length;
  },
};

/** Decimals are written differently in the two tables. */
const SAME_PLACE_MM = 0.01;

/**
 * Reads `annotations.csv`. Malignancy is in its optional column `malignancy` (the mean of the readers' ratings, or
 * nothing) or else in `annotations_with_malignancy.csv`, the table of *Deep Learning with PyTorch* (its `mal_details`).
 */
export async function readAnnotations(dir: string): Promise<Annotation[]> {
  const file = join(dir, 'annotations.csv');
  const rows = await readRows(file, { ...MARK_COLUMNS, diameter_mm: positiveNumber }, { malignancy: optional(rating) });
  const annotations = rows.map(({ seriesuid, coordX, coordY, coordZ, diameter_mm, malignancy }) => ({
    seriesUid: seriesuid,
    xyz: [coordX, coordY, coordZ] as const,
    diameterMm: diameter_mm,
    malignancy,
  }));
  const rated = join(dir, 'annotations_with_malignancy.csv');
  if (annotations.some(({ malignancy }) => malignancy !== null) || !existsSync(rated)) return annotations;
  return withRatings(annotations, await readRows(rated, { ...MARK_COLUMNS, mal_details: ratings }));
}

interface RatedPlace {
  seriesuid: string;
  coordX: number;
  coordY: number;
  coordZ: number;
  mal_details: number;
}

function withRatings(annotations: readonly Annotation[], rated: readonly RatedPlace[]): Annotation[] {
  const ofSeries = groupBySeries(rated, ({ seriesuid }) => seriesuid);
  return annotations.map((annotation) => {
    const [x, y, z] = annotation.xyz;
    const same = ofSeries
      .get(annotation.seriesUid)
      ?.find(({ coordX, coordY, coordZ }) => Math.hypot(coordX - x, coordY - y, coordZ - z) < SAME_PLACE_MM);
    return { ...annotation, malignancy: same?.mal_details ?? null };
  });
}
