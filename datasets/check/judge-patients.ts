import { type Finding, finding } from './finding';
import type { ScanFile } from './find-files';
import { type LabelTables, PATIENTS } from './read-labels';

/** Patient of each scan as the dataset will be opened, and what is wrong with the table of patients. */
export function judgePatients(
  { patients }: LabelTables,
  scans: readonly ScanFile[],
): { patientOf: Map<string, string>; findings: Finding[] } {
  const findings: Finding[] = [];
  const patientOf = new Map<string, string>();
  if (!patients) {
    if (scans.length > 0)
      findings.push(finding('NO_PATIENTS_TABLE', 'two scans of one patient may part', { file: '.' }));
    return { patientOf: new Map(scans.map(({ seriesUid }) => [seriesUid, seriesUid])), findings };
  }
  for (const { line, seriesUid, patientId } of patients) {
    if ((patientOf.get(seriesUid) ?? patientId) !== patientId) {
      findings.push(finding('TWO_PATIENTS', 'another line names another patient', { file: PATIENTS, line, seriesUid }));
      continue;
    }
    patientOf.set(seriesUid, patientId);
  }
  for (const { file, seriesUid } of scans) {
    if (!patientOf.has(seriesUid)) {
      findings.push(finding('SERIES_WITHOUT_PATIENT', `not in ${PATIENTS}`, { file, seriesUid }));
    }
  }
  findings.push(...judgeSubsets(patientOf, scans));
  return { patientOf, findings };
}

function judgeSubsets(patientOf: ReadonlyMap<string, string>, scans: readonly ScanFile[]): Finding[] {
  const first = new Map<string, ScanFile>();
  const findings: Finding[] = [];
  for (const scan of scans) {
    const patient = patientOf.get(scan.seriesUid);
    if (patient === undefined) continue;
    const other = first.get(patient) ?? scan;
    first.set(patient, other);
    if (other.subset === scan.subset || other.seriesUid === scan.seriesUid) continue;
    const { file, seriesUid } = scan;
    findings.push(finding('PATIENT_IN_TWO_SUBSETS', `the same patient as ${other.file}`, { file, seriesUid }));
  }
  return findings;
}
