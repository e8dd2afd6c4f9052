import { dirname, join } from 'node:path';
import { type Finding, finding } from './finding';
import type { FoundFiles, ScanFile } from './find-files';
import type { InspectAnswer } from './inspect-answer';
import type { ScanInspection } from './inspect-scan';
import { judgeScan } from './judge-scan';

export interface ReadableScan extends ScanFile {
  inspection: ScanInspection;
}

/** The scans that could be read, and all that is wrong with scans and files. */
export function judgeScans(
  found: FoundFiles,
  answers: ReadonlyMap<string, InspectAnswer>,
): { readable: ReadableScan[]; findings: Finding[] } {
  const findings: Finding[] = [];
  const readable: ReadableScan[] = [];
  for (const scan of found.scans) {
    const answer = answers.get(scan.file)!;
    if ('inspection' in answer) {
      readable.push({ ...scan, inspection: answer.inspection });
      findings.push(...judgeScan(scan, answer.inspection));
    } else {
      const { code, message } = answer.unreadable;
      const { file, seriesUid } = scan;
      findings.push(finding('SCAN_UNREADABLE', `${code}: ${message}`, { file, seriesUid }));
    }
  }
  if (found.scans.length === 0)
    findings.push(finding('NO_SCANS', 'no .mhd or .mha, also not in subsetN', { file: '.' }));
  const used = new Set(
    readable.flatMap(({ file, inspection }) => inspection.dataFiles.map((name) => join(dirname(file), name))),
  );
  for (const file of found.strayData.filter((each) => !used.has(each))) {
    findings.push(finding('STRAY_DATA', 'no header has its name', { file }));
  }
  for (const file of found.leftOver) findings.push(finding('LEFT_OVER', 'can be removed', { file }));
  findings.push(...findDuplicates(found.scans, readable));
  return { readable, findings };
}

function findDuplicates(scans: readonly ScanFile[], readable: readonly ReadableScan[]): Finding[] {
  const findings: Finding[] = [];
  const byUid = new Map<string, string>();
  for (const { seriesUid, file } of scans) {
    const other = byUid.get(seriesUid);
    if (other !== undefined) findings.push(finding('DUPLICATE_UID', `also ${other}`, { file, seriesUid }));
    byUid.set(seriesUid, other ?? file);
  }
  const byVoxels = new Map<string, ReadableScan>();
  for (const scan of readable) {
    const { digest, voxelDigest } = scan.inspection;
    const other = byVoxels.get(voxelDigest);
    byVoxels.set(voxelDigest, other ?? scan);
    if (!other) continue;
    const same = other.inspection.digest === digest ? 'the same scan as' : 'in another place, the same voxels as';
    findings.push(finding('DUPLICATE_SCAN', `${same} ${other.file}`, { file: scan.file, seriesUid: scan.seriesUid }));
  }
  return findings;
}
