import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CellType, optional, positiveNumber, readRows } from '../csv';
import type { Annotation } from '../manifest';
import { atPlace } from './at-place';
import { MARK_COLUMNS } from './mark-columns';
import { optionalTexture, withTextures } from './textures';

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

/**
 * Reads `annotations.csv`. Malignancy is in its optional column `malignancy` (the mean of the readers' ratings, or
 * nothing) or else in `annotations_with_malignancy.csv`, the table of *Deep Learning with PyTorch* (its `mal_details`).
 * Texture is in its optional column `texture`, or else in that table, or in a phantom's `nodules.csv`.
 */
export async function readAnnotations(dir: string): Promise<Annotation[]> {
  const file = join(dir, 'annotations.csv');
  const optionalColumns = { malignancy: optional(rating), texture: optionalTexture };
  const rows = await readRows(file, { ...MARK_COLUMNS, diameter_mm: positiveNumber }, optionalColumns);
  const annotations = rows.map(
    ({ seriesuid, coordX, coordY, coordZ, diameter_mm, malignancy, texture }): Annotation => ({
      seriesUid: seriesuid,
      xyz: [coordX, coordY, coordZ],
      diameterMm: diameter_mm,
      malignancy,
      ...(texture && { texture }),
    }),
  );
  const rated = await withRatings(dir, annotations);
  return rated.some(({ texture }) => texture) ? rated : withTextures(dir, rated);
}

async function withRatings(dir: string, annotations: Annotation[]): Promise<Annotation[]> {
  const file = join(dir, 'annotations_with_malignancy.csv');
  if (annotations.some(({ malignancy }) => malignancy !== null) || !existsSync(file)) return annotations;
  const find = atPlace(await readRows(file, { ...MARK_COLUMNS, mal_details: ratings }));
  return annotations.map((annotation) => ({ ...annotation, malignancy: find(annotation)?.mal_details ?? null }));
}
