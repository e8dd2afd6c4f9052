import { type Xyz, xyzToIrc } from '../volume';
import { type Finding, finding } from './finding';
import type { ScanFile } from './find-files';
import type { ReadableScan } from './judge-scans';
import {
  ANNOTATIONS,
  type AnnotationRow,
  CANDIDATES,
  type CandidateRow,
  type LabelRow,
  type LabelTables,
} from './read-labels';

/** What is wrong with candidates and annotations, each against its scan and against one another. */
export function judgeLabels(
  { candidates, annotations }: LabelTables,
  scans: readonly ScanFile[],
  readable: readonly ReadableScan[],
): Finding[] {
  const onDisk = new Set(scans.map(({ seriesUid }) => seriesUid));
  const readableBy = new Map(readable.map((scan) => [scan.seriesUid, scan]));
  const here = <Row extends LabelRow>(rows: readonly Row[]) => rows.filter(({ seriesUid }) => onDisk.has(seriesUid));
  const candidatesOf = bySeries(here(candidates));
  const annotationsOf = bySeries(here(annotations));
  const findings: Finding[] = [
    ...countAbsent(CANDIDATES, candidates, onDisk),
    ...countAbsent(ANNOTATIONS, annotations, onDisk),
  ];
  for (const { seriesUid, file } of scans) {
    const ofCandidates = candidatesOf.get(seriesUid) ?? [];
    const ofAnnotations = annotationsOf.get(seriesUid) ?? [];
    if (ofCandidates.length === 0) {
      findings.push(finding('SERIES_WITHOUT_CANDIDATES', `no row in ${CANDIDATES}`, { file, seriesUid }));
    }
    findings.push(...judgeRepeats(ofCandidates, ofAnnotations));
    findings.push(...judgeMatches(ofCandidates, ofAnnotations));
    const scan = readableBy.get(seriesUid);
    if (scan) findings.push(...judgePlaces(scan, ofCandidates, ofAnnotations));
  }
  if (scans.length > 0 && candidates.length > 0 && !here(candidates).some(({ label }) => label === 1)) {
    findings.push(finding('NO_NODULES', 'no candidate of these scans has class 1', { file: CANDIDATES }));
  }
  return findings;
}

function bySeries<Row extends LabelRow>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.seriesUid);
    if (group) group.push(row);
    else groups.set(row.seriesUid, [row]);
  }
  return groups;
}

function countAbsent(file: string, rows: readonly LabelRow[], onDisk: ReadonlySet<string>): Finding[] {
  const absent = rows.filter(({ seriesUid }) => !onDisk.has(seriesUid));
  if (absent.length === 0) return [];
  const series = new Set(absent.map(({ seriesUid }) => seriesUid)).size;
  return [finding('ROWS_FOR_ABSENT_SERIES', `${absent.length} rows of ${series} scans that are not here`, { file })];
}

function judgePlaces(
  { inspection: { geometry } }: ReadableScan,
  candidates: readonly CandidateRow[],
  annotations: readonly AnnotationRow[],
): Finding[] {
  const outside = (xyz: Xyz) =>
    xyzToIrc(xyz, geometry).some((value, axis) => Math.round(value) < 0 || Math.round(value) >= geometry.size[axis]!);
  const where = (xyz: Xyz) => {
    const irc = xyzToIrc(xyz, geometry).map(Math.round).join(', ');
    return `slice, row, column ${irc} of ${geometry.size.join(' × ')}`;
  };
  return [
    ...candidates
      .filter(({ xyz }) => outside(xyz))
      .map((row) => finding('CANDIDATE_OUTSIDE_SCAN', where(row.xyz), at(CANDIDATES, row))),
    ...annotations
      .filter(({ xyz }) => outside(xyz))
      .map((row) => finding('ANNOTATION_OUTSIDE_SCAN', where(row.xyz), at(ANNOTATIONS, row))),
  ];
}

/** A candidate is of an annotation when it lies within its radius, as LUNA16's evaluation has it. */
function judgeMatches(candidates: readonly CandidateRow[], annotations: readonly AnnotationRow[]): Finding[] {
  const isIn = ({ xyz }: CandidateRow, annotation: AnnotationRow) =>
    distance(xyz, annotation.xyz) < annotation.diameterMm / 2;
  const findings: Finding[] = [];
  for (const candidate of candidates) {
    const annotation = annotations.find((each) => isIn(candidate, each));
    if (candidate.label === 1 && !annotation) {
      const nearest = Math.min(...annotations.map((each) => distance(candidate.xyz, each.xyz)));
      const how = Number.isFinite(nearest) ? `the nearest is ${nearest.toFixed(1)} mm away` : 'its scan has none';
      findings.push(finding('NODULE_WITHOUT_ANNOTATION', how, at(CANDIDATES, candidate)));
    }
    if (candidate.label === 0 && annotation) {
      const message = `${distance(candidate.xyz, annotation.xyz).toFixed(1)} mm from ${ANNOTATIONS} line ${annotation.line}`;
      findings.push(finding('NON_NODULE_IN_ANNOTATION', message, at(CANDIDATES, candidate)));
    }
  }
  for (const annotation of annotations) {
    const { diameterMm } = annotation;
    if (diameterMm < 2 || diameterMm > 100) {
      findings.push(finding('DIAMETER_UNUSUAL', `${diameterMm} mm`, at(ANNOTATIONS, annotation)));
    }
    if (!candidates.some((candidate) => isIn(candidate, annotation))) {
      findings.push(
        finding('ANNOTATION_WITHOUT_CANDIDATE', `diameter ${diameterMm.toFixed(1)} mm`, at(ANNOTATIONS, annotation)),
      );
    }
  }
  return findings;
}

function judgeRepeats(candidates: readonly CandidateRow[], annotations: readonly AnnotationRow[]): Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<string, CandidateRow>();
  for (const candidate of candidates) {
    const other = seen.get(candidate.xyz.join());
    seen.set(candidate.xyz.join(), other ?? candidate);
    if (!other) continue;
    const contradicted = other.label !== candidate.label;
    const code = contradicted ? 'CANDIDATE_CONTRADICTED' : 'DUPLICATE_CANDIDATE';
    const message = contradicted
      ? `class ${candidate.label}, on line ${other.line} it is ${other.label}`
      : `also line ${other.line}`;
    findings.push(finding(code, message, at(CANDIDATES, candidate)));
  }
  const annotated = new Map<string, AnnotationRow>();
  for (const annotation of annotations) {
    const other = annotated.get(annotation.xyz.join());
    annotated.set(annotation.xyz.join(), other ?? annotation);
    if (other) findings.push(finding('DUPLICATE_ANNOTATION', `also line ${other.line}`, at(ANNOTATIONS, annotation)));
  }
  return findings;
}

function at(file: string, { line, seriesUid }: LabelRow) {
  return { file, line, seriesUid };
}

function distance(a: Xyz, b: Xyz): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}
