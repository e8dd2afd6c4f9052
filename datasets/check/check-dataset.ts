import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckReport, CheckedScan, SubsetCounts } from './check-report';
import { type Finding, type Severity, finding, sortFindings } from './finding';
import { findFiles } from './find-files';
import { type InspectOptions, inspectScans } from './inspect-scans';
import { keepDigests } from './keep-digests';
import { judgeLabels } from './judge-labels';
import { judgePatients } from './judge-patients';
import { judgeScans } from './judge-scans';
import { judgeSplit } from './judge-split';
import { type LabelTables, type LabelRow, readLabelTables } from './read-labels';

export interface CheckOptions extends InspectOptions {
  /** A split's folder or file: patients and scans that stand on two of its sides are found. */
  split?: string;
}

/**
 * Reads every scan and table of a folder in LUNA16's layout and tells everything that is wrong, not the first thing
 * only. Each scan is read once, and not again while its files stay as they are.
 *
 * @throws CodedError CHECK_NO_FOLDER, CHECK_INTERRUPTED, CHECK_WORKER_FAILED. What is wrong with data is no error here.
 *
 * ```ts
 * const { findings } = await checkDataset('data/luna16', { split: 'data/split' });
 * ```
 */
export async function checkDataset(dir: string, { split, ...options }: CheckOptions = {}): Promise<CheckReport> {
  const found = await findFiles(dir);
  const { tables, findings: ofTables } = await readLabelTables(dir);
  const answers = await inspectScans(
    dir,
    found.scans.map(({ file }) => file),
    options,
  );
  const { readable, findings: ofScans } = judgeScans(found, answers);
  if (readable.length > 0) await keepDigests(dir, readable);
  const { patientOf, findings: ofPatients } = judgePatients(tables, found.scans);
  const { partOf, findings: ofSplit } = split ? await judgeSplit(split, patientOf, readable) : NO_SPLIT;
  const findings = sortFindings([
    ...ofTables,
    ...ofScans,
    ...judgeLabels(tables, found.scans, readable),
    ...ofPatients,
    ...ofSplit,
    ...(existsSync(join(dir, 'PHANTOM.json'))
      ? [finding('SYNTHETIC', 'not of any patient', { file: 'PHANTOM.json' })]
      : []),
  ]);

  const inspections = new Map(readable.map(({ file, inspection }) => [file, inspection]));
  const counted = countRows(tables);
  const scans = found.scans.map((scan): CheckedScan => {
    const patient = patientOf.get(scan.seriesUid);
    return {
      ...scan,
      ...counted(scan.seriesUid),
      part: (patient === undefined ? undefined : partOf.get(patient)) ?? null,
      inspection: inspections.get(scan.file) ?? null,
    };
  });
  return { dir, counts: countSeverities(findings), findings, subsets: countSubsets(scans, patientOf), scans };
}

const NO_SPLIT = { partOf: new Map<string, string>(), findings: [] as Finding[] };

function countRows({ candidates, annotations }: LabelTables) {
  const count = (rows: readonly LabelRow[]) => {
    const counts = new Map<string, number>();
    for (const { seriesUid } of rows) counts.set(seriesUid, (counts.get(seriesUid) ?? 0) + 1);
    return counts;
  };
  const ofCandidates = count(candidates);
  const ofNodules = count(candidates.filter(({ label }) => label === 1));
  const ofAnnotations = count(annotations);
  return (seriesUid: string) => ({
    candidates: ofCandidates.get(seriesUid) ?? 0,
    nodules: ofNodules.get(seriesUid) ?? 0,
    annotations: ofAnnotations.get(seriesUid) ?? 0,
  });
}

function countSeverities(findings: readonly Finding[]): Record<Severity, number> {
  const counts = { error: 0, warning: 0, note: 0 };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}

function countSubsets(scans: readonly CheckedScan[], patientOf: ReadonlyMap<string, string>): SubsetCounts[] {
  const names = [...new Set(scans.map(({ subset }) => subset))];
  return names.map((subset) => {
    const ofSubset = scans.filter((scan) => scan.subset === subset);
    return {
      subset,
      scans: ofSubset.length,
      patients: new Set(ofSubset.map(({ seriesUid }) => patientOf.get(seriesUid) ?? seriesUid)).size,
      candidates: sum(ofSubset, ({ candidates }) => candidates),
      nodules: sum(ofSubset, ({ nodules }) => nodules),
      annotations: sum(ofSubset, ({ annotations }) => annotations),
    };
  });
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
