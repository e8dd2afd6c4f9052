import { type Geometry, type Xyz, ircToXyz } from '../../volume';
import type { Characteristics, Outline, ReadNodule } from './read-lidc-xml';

/** One reader's nodule, in the world. */
export interface MeasuredNodule {
  /** Centre of mass of the outlined voxels. */
  xyz: Xyz;
  /** Of the sphere with the volume of the outlined voxels. */
  diameterMm: number;
  box: { low: Xyz; high: Xyz };
  characteristics: Characteristics;
}

/** Slice of the volume that an outline was drawn on; undefined: on none of them. */
export type SliceOf = (outline: Outline) => number | undefined;

/**
 * Place and size of a nodule that a reader outlined. The outline runs through the first pixels outside the nodule, so it is
 * no part of it; outlines of holes are left out with their insides. This definition gives LUNA16's own diameters back from
 * the outlines of LIDC-IDRI (half of them within 0.1 mm, nine tenths within 0.32 mm).
 *
 * Undefined: none of its outlines lies on a slice of the scan.
 */
export function measureNodule(
  { outlines, characteristics }: ReadNodule & { characteristics: Characteristics },
  geometry: Geometry,
  sliceOf: SliceOf,
): MeasuredNodule | undefined {
  const voxels = outlinedVoxels(outlines, sliceOf);
  if (voxels.length === 0) return undefined;
  const places = voxels.map((irc) => ircToXyz(irc, geometry));
  const [sx, sy, sz] = geometry.spacingXyz;
  const volume = voxels.length * sx * sy * sz;
  const along = (axis: 0 | 1 | 2) => places.map((xyz) => xyz[axis]);
  const axes = [along(0), along(1), along(2)] as const;
  return {
    xyz: [mean(axes[0]), mean(axes[1]), mean(axes[2])],
    diameterMm: Math.cbrt((6 * volume) / Math.PI),
    box: { low: axes.map(lowest) as unknown as Xyz, high: axes.map(highest) as unknown as Xyz },
    characteristics,
  };
}

type Voxel = [slice: number, row: number, column: number];

function outlinedVoxels(outlines: readonly Outline[], sliceOf: SliceOf): Voxel[] {
  const slices = new Map<number, { inside: Map<string, Voxel>; edges: Map<string, Voxel> }>();
  const ordered = [...outlines].sort((a, b) => Number(b.inclusion) - Number(a.inclusion));
  for (const outline of ordered) {
    const slice = sliceOf(outline);
    if (slice === undefined) continue;
    const { inside, edges } = slices.get(slice) ?? {
      inside: new Map<string, Voxel>(),
      edges: new Map<string, Voxel>(),
    };
    slices.set(slice, { inside, edges });
    const filled = fillOutline(outline.edge);
    const key = ([column, row]: readonly [number, number]) => `${row},${column}`;
    if (outline.inclusion) {
      for (const pixel of filled.inside) inside.set(key(pixel), [slice, pixel[1], pixel[0]]);
      for (const pixel of filled.edge) edges.set(key(pixel), [slice, pixel[1], pixel[0]]);
    } else {
      for (const pixel of [...filled.inside, ...filled.edge]) inside.delete(key(pixel));
    }
  }
  const inside = [...slices.values()].flatMap((slice) => [...slice.inside.values()]);
  // A nodule so small that the outline has no inside: its pixels are all there is.
  return inside.length > 0 ? inside : [...slices.values()].flatMap((slice) => [...slice.edges.values()]);
}

/** Pixels strictly within a closed polygon with whole-numbered corners, and those on it. */
function fillOutline(corners: readonly [number, number][]): { inside: [number, number][]; edge: [number, number][] } {
  const edge = new Map<string, [number, number]>();
  corners.forEach((from, i) => {
    for (const pixel of pixelsBetween(from, corners[(i + 1) % corners.length]!)) edge.set(pixel.join(), pixel);
  });
  const rows = corners.map(([, row]) => row);
  const inside: [number, number][] = [];
  for (let row = lowest(rows); row <= highest(rows); row++) {
    const crossings = crossingsOf(corners, row);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      for (let column = Math.ceil(crossings[i]!); column <= crossings[i + 1]!; column++) {
        if (!edge.has(`${column},${row}`)) inside.push([column, row]);
      }
    }
  }
  return { inside, edge: [...edge.values()] };
}

/** Where the polygon crosses a row, from left to right. Each edge holds its upper end and not its lower one. */
function crossingsOf(corners: readonly [number, number][], row: number): number[] {
  const crossings: number[] = [];
  corners.forEach(([x0, y0], i) => {
    const [x1, y1] = corners[(i + 1) % corners.length]!;
    if (y0 <= row !== y1 <= row) crossings.push(x0 + ((row - y0) * (x1 - x0)) / (y1 - y0));
  });
  return crossings.sort((a, b) => a - b);
}

/** Whole-numbered points of a line from its start, without its end. */
function pixelsBetween([x0, y0]: readonly [number, number], [x1, y1]: readonly [number, number]): [number, number][] {
  const steps = Math.max(1, gcd(Math.abs(x1 - x0), Math.abs(y1 - y0)));
  return Array.from({ length: steps }, (_, i) => [x0 + ((x1 - x0) * i) / steps, y0 + ((y1 - y0) * i) / steps]);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function lowest(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Infinity);
}

function highest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), -Infinity);
}
