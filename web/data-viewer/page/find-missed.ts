import type { Xyz } from '../../../datasets/volume';
import type { ListedCandidate, ScanDescription } from './api';

/** Annotations that no candidate of the nodules lies in: a detector has missed them. They are listed too. */
export function findMissed({
  candidates,
  annotations,
}: Pick<ScanDescription, 'candidates' | 'annotations'>): ListedCandidate[] {
  const isHit = (xyz: Xyz, diameterMm: number) =>
    candidates.some((candidate) => {
      const distance = Math.hypot(...xyz.map((mm, axis) => mm - candidate.xyz[axis]!));
      return candidate.label === 1 && distance <= diameterMm / 2;
    });
  return annotations.flatMap(({ xyz, diameterMm }, i) =>
    isHit(xyz, diameterMm) ? [] : [{ id: `annotation-${i + 1}`, xyz, label: 1, diameterMm }],
  );
}
