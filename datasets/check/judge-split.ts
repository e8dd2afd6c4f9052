import { isCodedError } from 'coded-error';
import { type ExaminedSplit, PARTS, examineSplit, isCsvSplit, readSplit } from '../split';
import { type Finding, type FindingCode, finding } from './finding';
import type { ReadableScan } from './judge-scans';

/** Which side each patient stands on, and what is wrong with that. */
export interface JudgedSplit {
  partOf: Map<string, string>;
  findings: Finding[];
}

const LEAKS = new Set(['SPLIT_PATIENT_ON_TWO_SIDES', 'SPLIT_REPEATED_SERIES', 'SPLIT_OTHER_PATIENT']);

/** Holds a split against the patients and the content of the scans: nobody, and no scan, may stand on two sides. */
export async function judgeSplit(
  path: string,
  patientOf: ReadonlyMap<string, string>,
  readable: readonly ReadableScan[],
): Promise<JudgedSplit> {
  const findings: Finding[] = [];
  const partOf = new Map<string, string>();
  try {
    if (await isCsvSplit(path)) {
      const examined = await examineSplit(path, { patientOf });
      findings.push(...toFindings(examined));
      for (const { patientId, part } of examined.rows) partOf.set(patientId, part);
    } else {
      const split = await readSplit(path);
      for (const part of PARTS) for (const patient of split[part]) partOf.set(patient, part);
    }
  } catch (error) {
    if (!isCodedError(error)) throw error;
    const code = error.code === 'SPLIT_OVERLAP' ? 'SPLIT_LEAK' : 'SPLIT_UNREADABLE';
    findings.push(finding(code, error.message, { file: path }));
  }
  findings.push(...findSharedScans(partOf, patientOf, readable));
  return { partOf, findings };
}

function toFindings({ errors, warnings }: ExaminedSplit): Finding[] {
  const code = (problem: string): FindingCode => (LEAKS.has(problem) ? 'SPLIT_LEAK' : 'SPLIT_UNREADABLE');
  return [
    ...errors.map((each) => finding(code(each.code), each.what, placeOf(each))),
    ...warnings.map((each) => finding('SPLIT_INCOMPLETE', each.what, placeOf(each))),
  ];
}

function placeOf({ file, line, column }: { file: string; line: number; column: string }) {
  return { file, line, column };
}

/** The same voxels under two patients, who stand on two sides. */
function findSharedScans(
  partOf: ReadonlyMap<string, string>,
  patientOf: ReadonlyMap<string, string>,
  readable: readonly ReadableScan[],
): Finding[] {
  const findings: Finding[] = [];
  const sideOf = ({ seriesUid }: ReadableScan) => partOf.get(patientOf.get(seriesUid) ?? '');
  const first = new Map<string, ReadableScan>();
  for (const scan of readable) {
    const other = first.get(scan.inspection.voxelDigest);
    first.set(scan.inspection.voxelDigest, other ?? scan);
    const [here, there] = [sideOf(scan), other && sideOf(other)];
    if (!other || here === undefined || there === undefined || here === there) continue;
    const { file, seriesUid } = scan;
    findings.push(
      finding('SPLIT_LEAK', `in ${here}, and its voxels in ${there} as ${other.file}`, { file, seriesUid }),
    );
  }
  return findings;
}
