import { join } from 'node:path';
import { streamRows, zeroOrOne } from '../csv';
import type { Annotation, Candidate, DatasetManifest } from '../manifest';
import type { Xyz } from '../volume';
import { readAnnotations } from './annotations';
import { readExcludedFindings } from './excluded-findings';
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
  /** Told for the task of finding nodules. */
  detection: DatasetManifest['detection'];
  absent: { series: number; candidates: number };
}

/** Reads `annotations.csv`, and for the task of finding nodules `candidates_V2.csv` and `annotations_excluded.csv`. */
export async function readLabels(dir: string, series: readonly ScannedSeries[], task: Luna16Task): Promise<Labels> {
  const onDisk = new Map(series.map((entry) => [entry.seriesUid, entry]));
  const all = await readAnnotations(dir);
  const ofDisk = <Row extends { seriesUid: string }>(rows: readonly Row[]): Row[] =>
    rows.flatMap((row) => {
      const known = onDisk.get(row.seriesUid);
      return known ? [{ ...row, seriesUid: known.seriesUid }] : [];
    });
  const annotations = ofDisk(all);
  const marks = task === 'nodule' ? await readCandidates(dir, annotations) : ratedNodules(all);
  const names = task === 'nodule' ? (['non-nodule', 'nodule'] as const) : (['benign', 'malignant'] as const);
  const detection = task === 'nodule' ? { excluded: ofDisk(await readExcludedFindings(dir)) } : undefined;
  return { names, annotations, detection, ...numberInSeries(marks, onDisk) };
}

type Mark = Omit<Candidate, 'id'>;

/** Names the marks of the series on disk by series and number in it, and counts the others. */
function numberInSeries(
  marks: Iterable<Mark>,
  onDisk: ReadonlyMap<string, ScannedSeries>,
): Pick<Labels, 'candidates' | 'absent'> {
  const tallies = new Map<string, { known: ScannedSeries | undefined; prefix: string; count: number }>();
  const candidates: Candidate[] = [];
  const absent = { series: 0, candidates: 0 };
  for (const mark of marks) {
    const told = mark.seriesUid;
    let tally = tallies.get(told);
    if (!tally) {
      const known = onDisk.get(told);
      tallies.set(told, (tally = { known, prefix: known?.digest.replace('sha256:', '').slice(0, 12) ?? '', count: 0 }));
      if (!known) absent.series++;
    }
    tally.count++;
    if (!tally.known) absent.candidates++;
    else {
      // The manifest's own text of the UID: a slice of the file would keep the whole file in memory.
      const { seriesUid } = tally.known;
      candidates.push({ id: `${tally.prefix}-${tally.count}`, ...mark, seriesUid });
    }
  }
  return { candidates, absent };
}

async function readCandidates(dir: string, annotations: readonly Annotation[]): Promise<Iterable<Mark>> {
  const rows = await streamRows(join(dir, 'candidates_V2.csv'), { ...MARK_COLUMNS, class: zeroOrOne });
  const ofSeries = groupBySeries(annotations, ({ seriesUid }) => seriesUid);
  return (function* () {
    for (const { seriesuid: seriesUid, coordX, coordY, coordZ, class: label } of rows) {
      const xyz: Xyz = [coordX, coordY, coordZ];
      const nodule = label === 1 ? matchedAnnotation(xyz, ofSeries.get(seriesUid)) : undefined;
      yield { seriesUid, xyz, label, diameterMm: nodule?.diameterMm ?? null, ...textureOf(nodule) };
    }
  })();
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

/** The nearest annotation whose sphere the candidate lies in. */
function matchedAnnotation(xyz: Xyz, annotations: readonly Annotation[] = []): Annotation | undefined {
  let nearest = Infinity;
  let matched: Annotation | undefined;
  for (const annotation of annotations) {
    const { xyz: center, diameterMm } = annotation;
    const distance = Math.hypot(xyz[0] - center[0], xyz[1] - center[1], xyz[2] - center[2]);
    if (distance >= diameterMm / 2 || distance >= nearest) continue;
    nearest = distance;
    matched = annotation;
  }
  return matched;
}

function textureOf(annotation: Annotation | undefined): Pick<Mark, 'texture'> {
  return annotation?.texture ? { texture: annotation.texture } : {};
}
