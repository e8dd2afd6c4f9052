import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CellType, optional, readRows } from '../csv';
import type { Annotation, Texture } from '../manifest';
import { atPlace } from './at-place';
import { MARK_COLUMNS } from './mark-columns';

const WORDS: readonly Texture[] = ['solid', 'part-solid', 'ground-glass'];

/**
 * A word, or LIDC-IDRI's rating (the median of its readers), which names 1 non-solid, 3 part solid and 5 solid
 * (McNitt-Gray et al., Academic Radiology 14, 2007): up to 2 is ground glass here, from 4 on solid.
 */
const texture: CellType<Texture> = {
  expected: `${WORDS.map((word) => `\`${word}\``).join(', ')} or a rating from 1 to 5`,
  parse: (cell) => {
    const rating = cell === '' ? NaN : Number(cell);
    if (!(rating >= 1 && rating <= 5)) return WORDS.find((word) => word === cell);
    return rating <= 2 ? 'ground-glass' : rating < 4 ? 'part-solid' : 'solid';
  },
};
export const optionalTexture = optional(texture);

/** Where textures stand when `annotations.csv` has none: the table of ratings, and that of a phantom's nodules. */
const TABLES = ['annotations_with_malignancy.csv', 'nodules.csv'];

/** The annotations with the textures that the tables beside them tell, found by place. */
export async function withTextures(dir: string, annotations: readonly Annotation[]): Promise<Annotation[]> {
  const files = TABLES.map((name) => join(dir, name)).filter((file) => existsSync(file));
  const tables = await Promise.all(files.map((file) => readRows(file, MARK_COLUMNS, { texture: optionalTexture })));
  const told = tables.flat().filter((row) => row.texture !== null);
  if (told.length === 0) return [...annotations];
  const find = atPlace(told);
  return annotations.map((annotation) => {
    const found = find(annotation)?.texture;
    return found ? { ...annotation, texture: found } : annotation;
  });
}
