import type { Candidate, SeriesEntry } from '../../../datasets';

/** Something that cases are told apart by. */
export interface Dimension {
  /** As a heading. */
  title: string;
  /** Behind a number; empty for words. */
  unit: string;
  /** Null where it is not known. */
  read: (candidate: Candidate, series: SeriesEntry) => string | number | null;
}

const KNOWN: Readonly<Record<string, Dimension>> = {
  diameter: { title: 'Diameter of the nodule', unit: 'mm', read: ({ diameterMm }) => diameterMm },
  texture: { title: 'Texture of the nodule', unit: '', read: ({ texture }) => texture ?? null },
  sliceThickness: attribute('slice_thickness_mm', 'Slice thickness', 'mm'),
  spacing: { title: 'Distance between slices', unit: 'mm', read: (_, { spacingXyz }) => spacingXyz[2] },
  pixelSpacing: { title: 'Size of a pixel', unit: 'mm', read: (_, { spacingXyz }) => spacingXyz[0] },
  manufacturer: attribute('manufacturer', 'Manufacturer of the scanner'),
  model: attribute('model', 'Model of the scanner'),
  kernel: attribute('kernel', 'Reconstruction kernel'),
  site: attribute('site', 'Site'),
  sex: attribute('sex', 'Sex'),
  age_decade: attribute('age_decade', 'Age'),
};

/** A dimension by the name that a suite gives it: any column of `series.csv` is one. */
export function dimensionOf(name: string): Dimension {
  return Object.hasOwn(KNOWN, name) ? KNOWN[name]! : attribute(name, name);
}

/** The names of the dimensions that can be read from these series. */
export function dimensionsTold(series: readonly SeriesEntry[]): string[] {
  const columns = series.flatMap(({ attributes }) => Object.keys(attributes ?? {}));
  const always = ['diameter', 'texture', 'spacing', 'pixelSpacing'];
  return [...new Set([...always, ...columns.map((name) => (name === 'slice_thickness_mm' ? 'sliceThickness' : name))])];
}

function attribute(column: string, title: string, unit = ''): Dimension {
  const read: Dimension['read'] = (_, { attributes = {} }) =>
    Object.hasOwn(attributes, column) ? attributes[column]! : null;
  return { title, unit, read };
}
