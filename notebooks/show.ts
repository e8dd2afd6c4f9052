import { View, Warn, parse } from 'vega';
import { type TopLevelSpec, compile } from 'vega-lite';
import { type PatchContract, type Slice, type Volume, voxelsOf } from '../datasets';

/** The slice of a scan through a voxel, as a radiologist looks at it: axial from the feet, coronal with the head up. */
export function sliceOf(volume: Volume, plane: 'axial' | 'coronal', index: number): Slice {
  const [slices, rows, columns] = volume.size;
  const [dx, dy, dz] = volume.spacingXyz;
  if (plane === 'axial') {
    const start = index * rows * columns;
    return { hu: volume.hu.subarray(start, start + rows * columns), rows, columns, spacingXy: [dx, dy] };
  }
  const hu = new Float32Array(slices * columns);
  for (let slice = 0; slice < slices; slice++) {
    const start = (slice * rows + index) * columns;
    hu.set(volume.hu.subarray(start, start + columns), (slices - 1 - slice) * columns);
  }
  return { hu, rows: slices, columns, spacingXy: [dx, dz] };
}

/** The middle slices of patches beside each other, `across` in a row. Between them is white. */
export function mosaicOf(
  patches: readonly (Int16Array | Float32Array)[],
  contract: PatchContract,
  { across = 8, gap = 2 } = {},
): Slice {
  const [slices, patchRows, patchColumns] = contract.patchSize;
  const middle = (slices >> 1) * patchRows * patchColumns;
  const lines = Math.ceil(patches.length / across);
  const columns = across * (patchColumns + gap) - gap;
  const rows = lines * (patchRows + gap) - gap;
  const hu = new Float32Array(rows * columns).fill(32767);
  for (const [i, patch] of patches.entries()) {
    if (patch.length !== voxelsOf(contract)) throw new RangeError(`patch ${i} is not of this contract`);
    const [top, left] = [Math.floor(i / across) * (patchRows + gap), (i % across) * (patchColumns + gap)];
    for (let row = 0; row < patchRows; row++) {
      const start = middle + row * patchColumns;
      hu.set(patch.subarray(start, start + patchColumns), (top + row) * columns + left);
    }
  }
  return { hu, rows, columns, spacingXy: [1, 1] };
}

/** A Vega-Lite chart as SVG, which every viewer of notebooks shows. */
export async function chartSvg(spec: TopLevelSpec): Promise<string> {
  const config = { background: 'white', view: { stroke: null }, font: 'Helvetica, Arial, sans-serif' };
  const view = new View(parse(compile(spec, { config }).spec), { renderer: 'none', logLevel: Warn });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}

/** Rows as a table in Markdown. */
export function tableOf(rows: readonly Record<string, string | number>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(names), line(names.map(() => '---')), ...rows.map((row) => line(names.map((name) => row[name]!)))].join(
    '\n',
  );
}
