import { join } from 'node:path';
import { readRows, zeroOrOne } from '../csv';
import type { Annotation, Candidate } from '../manifest';
import type { Xyz } from '../volume';
import { readAnnotations } from './annotations';
import { groupBySeries } from './group-by-series';
import { MARK_COLUMNS } from './mark-columns';
import type { ScannedSeries } from './series-files';

/** What is asked of a place: is it a nodule, or is the nodule there malignant? */
export type Luna16Task = 'nodule' | 'malignancy';

/** What LUNA16's csv files say of the series that are on disk, and how much they say of others. */
export interface Labels {
  /** Names of the classes 0 and 1. */
  names: readonly [negative: string, positive: string];
  candidates: Candidate[];
  annotations: Annotation[];
  absent: { series: number; candidates: number };
}

/** Reads `annotations.csv`, and for the task of finding nodules `candidates_V2.csv`. */
export async function readLabels(dir: string, series: readonly ScannedSeries[], task: Luna16Task): Promise<Labels> {
  const ofSeries = new Map(series.map(({ seriesUid, digest }) => [seriesUid, { seriesUid, digest }]));
  const all = await readAnnotations(dir);
  const annotations = all.filter(({ seriesUid }) => ofSeries.has(seriesUid));
  const marks = task === 'nodule' ? await readCandidates(dir, annotations) : ratedNodules(all);
  const counts = new Map<string, number>();
  const candidates: Candidate[] = [];
  for (const { seriesUid: told, ...mark } of marks) {
    const count = (counts.get(told) ?? 0) + 1;
    counts.set(told, count);
    const known = ofSeries.get(told);
    if (known === undefined) continue;
    const id = `${known.digest.replace('sha256:', '').slice(0, 12)}-${count}`;
    // The manifest's own text of the UID: a slice of the file would keep the whole file in memory.
    candidates.push({ id, seriesUid: known.seriesUid, ...mark });
  }
  return {
    names: task === 'nodule' ? ['non-nodule', 'nodule'] : ['benign', 'malignant'],
    candidates,
    annotations: annotations.map((mark) => ({ ...mark, seriesUid: ofSeries.get(mark.seriesUid)!.seriesUid })),
    absent: {
      series: [...counts.keys()].filter((uid) => !ofSeries.has(uid)).length,
      candidates: marks.length - candidates.length,
    },
  };
}

type Mark = Omit<Candidate, 'id'>;

async function readCandidates(dir: string, annotations: readonly Annotation[]): Promise<Mark[]> {
  const rows = await readRows(join(dir, 'candidates_V2.csv'), { ...MARK_COLUMNS, class: zeroOrOne });
  const ofSeries = groupBySeries(annotations, ({ seriesUid }) => seriesUid);
  return rows.map(({ seriesuid: seriesUid, coordX, coordY, coordZ, class: label }) => {
    const xyz: Xyz = [coordX, coordY, coordZ];
    return { seriesUid, xyz, label, diameterMm: label === 1 ? matchedDiameter(xyz, ofSeries.get(seriesUid)) : null };
  });
}

/**
 * The nodules that readers rated, malignant above a mean of 3 and benign below; 3 itself says neither, and is left out
 * (Shen et al. 2017, Multi-crop convolutional neural networks for lung nodule malignancy suspiciousness classification).
 */
function ratedNodules(annotations: readonly Annotation[]): Mark[] {
  return annotations.flatMap(({ malignancy, ...mark }) =>
    malignancy === null || malignancy === 3 ? [] : [{ ...mark, label: malignancy > 3 ? (1 as const) : (0 as const) }],
  );
}

/** Diameter of the nearest annotation whose sphere the candidate lies in. */
function matchedDiameter(xyz: Xyz, annotations: readonly Annotation[] = []): number | null {
  let nearest = Infinity;
  let matched: number | null = null;
  for (const { xyz: center, diameterMm } of annotations) {
    const distance = Math.hypot(xyz[0] - center[0], xyz[1] - center[1], xyz[2] - center[2]);
    if (distance >= diameterMm / 2 || distance >= nearest) continue;
    nearest = distance;
    matched = diameterMm;
  }
  return matched;
}
