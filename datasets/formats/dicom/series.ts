import type { Slice } from './slices';
import { duplicatesIn } from './stack';

/** Slices that belong on one stack. */
export interface SliceGroup {
  slices: Slice[];
  /** What tells it from the other groups of its series; empty: nothing does, it is the only one. */
  by: string;
}

/** Slices of one SeriesInstanceUID, apart where they cannot be one stack. The largest first. */
export function splitSeries(slices: readonly Slice[]): SliceGroup[] {
  const shapes: Slice[][] = [];
  for (const slice of slices) {
    const shape = shapes.find(([first]) => sameShape(slice, first!));
    if (shape) shape.push(slice);
    else shapes.push([slice]);
  }
  const groups = shapes.flatMap((shape) => {
    const by = shapes.length > 1 ? describeShape(shape[0]!) : '';
    return splitByMark(shape).map((group) => ({ ...group, by: [by, group.by].filter(Boolean).join(', ') }));
  });
  return groups.sort((a, b) => b.slices.length - a.slices.length);
}

function sameShape(a: Slice, b: Slice): boolean {
  const { rows, columns } = a.file.coding.layout;
  const close = (x: readonly number[], y: readonly number[], tolerance: number) =>
    x.every((value, i) => Math.abs(value - y[i]!) <= tolerance);
  return (
    rows === b.file.coding.layout.rows &&
    columns === b.file.coding.layout.columns &&
    close(a.plane.pixelSpacing, b.plane.pixelSpacing, 1e-3 * a.plane.pixelSpacing[0]) &&
    close(a.plane.alongColumns, b.plane.alongColumns, 1e-3) &&
    close(a.plane.alongRows, b.plane.alongRows, 1e-3)
  );
}

function describeShape({ file, plane }: Slice): string {
  const [x, y, z] = plane.alongColumns.map((_, i) => Math.abs(plane.alongColumns[i]!) + Math.abs(plane.alongRows[i]!));
  const view = x! < y! && x! < z! ? 'sagittal' : y! < z! ? 'coronal' : 'axial';
  return `${view} ${file.coding.layout.columns} × ${file.coding.layout.rows} pixels of ${plane.pixelSpacing[0]} mm`;
}

/** Where several images lie at the same place: the first tag that tells them apart (an acquisition, a kernel, a phase). */
function splitByMark(slices: Slice[]): SliceGroup[] {
  if (duplicatesIn(slices).length === 0) return [{ slices, by: '' }];
  const names = new Set(slices.flatMap(({ marks }) => marks.map(([name]) => name)));
  for (const name of names) {
    const byValue = new Map<string, Slice[]>();
    for (const slice of slices) {
      const value = slice.marks.find((mark) => mark[0] === name)?.[1] ?? 'none';
      byValue.set(value, [...(byValue.get(value) ?? []), slice]);
    }
    if (byValue.size < 2) continue;
    const groups = [...byValue].map(([value, group]) => ({ slices: group, by: `${name} ${value}` }));
    if (groups.every((group) => duplicatesIn(group.slices).length === 0)) return groups;
  }
  return [{ slices, by: '' }];
}
