import type { Geometry, Xyz } from '../../volume';
import { ircToXyz, xyzToIrc } from '../../volume';
import { type MeasuredNodule, type SliceOf, measureNodule } from './measure-nodule';
import { CHARACTERISTICS, type Characteristics, type LidcReading, type Outline } from './read-lidc-xml';

/** A nodule that most readers agree on. */
export interface ConsensusNodule {
  /** Mean of the readers' centres and diameters. */
  xyz: Xyz;
  diameterMm: number;
  /** Malignancy by each reader who outlined it, 1 to 5. */
  malignancy: number[];
  /** Median of the readers. */
  characteristics: Characteristics;
  box: { low: Xyz; high: Xyz };
}

/** A finding that neither counts as a nodule nor as none, or a lesion that is no nodule. */
export interface ExcludedFinding {
  xyz: Xyz;
  /** Null: marked by a point. */
  diameterMm: number | null;
  kind: 'few readers' | 'below 3 mm' | 'non-nodule';
}

export interface Consensus {
  nodules: ConsensusNodule[];
  excluded: ExcludedFinding[];
  /** Marks on no slice of the scan. */
  outside: number;
}

const TIGHTER = 0.9;
const TIGHTEST = 0.05;

/**
 * The readers' marks as LUNA16 takes them (Setio et al., Medical Image Analysis 42, 2017): marks of nodules of 3 mm and more
 * whose centres are closer than the sum of their radii are one nodule, placed and sized by their mean; it counts where at
 * least three of four readers marked it. Everything else is excluded: nodules of fewer readers, those below 3 mm, and
 * lesions held for no nodules.
 */
export function consensusOf(
  { sessions }: LidcReading,
  geometry: Geometry,
  slicesByUid: ReadonlyMap<string, number>,
): Consensus {
  const sliceOf: SliceOf = (outline) => slicesByUid.get(outline.sopInstanceUid) ?? sliceAt(outline, geometry);
  const consensus: Consensus = { nodules: [], excluded: [], outside: 0 };
  const marks: Mark[] = [];
  sessions.forEach(({ nodules, nonNodules }, reader) => {
    for (const { outlines, characteristics } of nodules) {
      const nodule = characteristics && measureNodule({ outlines, characteristics }, geometry, sliceOf);
      if (nodule) marks.push({ reader, nodule });
      else if (characteristics) consensus.outside++;
      else exclude(consensus, outlines[0]!, 'below 3 mm', geometry, sliceOf);
    }
    for (const point of nonNodules) exclude(consensus, point, 'non-nodule', geometry, sliceOf);
  });
  const needed = Math.ceil(sessions.length * 0.75);
  for (const group of groupMarks(marks)) {
    const nodule = agreed(group.map((mark) => mark.nodule));
    if (new Set(group.map(({ reader }) => reader)).size >= needed) consensus.nodules.push(nodule);
    else consensus.excluded.push({ xyz: nodule.xyz, diameterMm: nodule.diameterMm, kind: 'few readers' });
  }
  return consensus;
}

interface Mark {
  reader: number;
  nodule: MeasuredNodule;
}

function sliceAt({ z }: Outline, geometry: Geometry): number | undefined {
  const [slice] = xyzToIrc([geometry.originXyz[0], geometry.originXyz[1], z], geometry);
  const nearest = Math.round(slice);
  return nearest >= 0 && nearest < geometry.size[0] ? nearest : undefined;
}

function exclude(
  consensus: Consensus,
  outline: Outline,
  kind: ExcludedFinding['kind'],
  geometry: Geometry,
  sliceOf: SliceOf,
): void {
  const slice = sliceOf(outline);
  if (slice === undefined) {
    consensus.outside++;
    return;
  }
  const [column, row] = [0, 1].map((axis) => mean(outline.edge.map((point) => point[axis]!))) as [number, number];
  consensus.excluded.push({ xyz: ircToXyz([slice, row, column], geometry), diameterMm: null, kind });
}

/**
 * Marks that touch are joined. Where that gives a group with two marks of one reader, which mean two nodules, the group is
 * taken apart again by asking for closer centres.
 */
function groupMarks(marks: readonly Mark[], closeness = 1): Mark[][] {
  return connected(
    marks,
    (a, b) => distance(a.nodule.xyz, b.nodule.xyz) < (closeness * (a.nodule.diameterMm + b.nodule.diameterMm)) / 2,
  ).flatMap((group) => {
    const readers = new Set(group.map(({ reader }) => reader));
    return readers.size === group.length || closeness < TIGHTEST ? [group] : groupMarks(group, closeness * TIGHTER);
  });
}

function connected<Item>(items: readonly Item[], touch: (a: Item, b: Item) => boolean): Item[][] {
  const rest = new Set(items);
  const groups: Item[][] = [];
  for (const first of items) {
    if (!rest.delete(first)) continue;
    const group = [first];
    for (const member of group) {
      for (const other of [...rest]) {
        if (!touch(member, other)) continue;
        rest.delete(other);
        group.push(other);
      }
    }
    groups.push(group);
  }
  return groups;
}

function agreed(nodules: readonly MeasuredNodule[]): ConsensusNodule {
  const along = (of: (nodule: MeasuredNodule) => Xyz, merge: (values: number[]) => number): Xyz =>
    [0, 1, 2].map((axis) => merge(nodules.map((nodule) => of(nodule)[axis as 0 | 1 | 2]))) as unknown as Xyz;
  return {
    xyz: along(({ xyz }) => xyz, mean),
    diameterMm: mean(nodules.map(({ diameterMm }) => diameterMm)),
    malignancy: nodules.map(({ characteristics }) => characteristics.malignancy),
    characteristics: Object.fromEntries(
      CHARACTERISTICS.map((name) => [name, median(nodules.map(({ characteristics }) => characteristics[name]))]),
    ) as Characteristics,
    box: {
      low: along(
        ({ box }) => box.low,
        (values) => Math.min(...values),
      ),
      high: along(
        ({ box }) => box.high,
        (values) => Math.max(...values),
      ),
    },
  };
}

function distance(a: Xyz, b: Xyz): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
