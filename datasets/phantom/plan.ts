import { seededRandom, type Random } from 'seeded-random';
import { anyDirection, between } from './draws';
import { along, distance, type Xyz } from './geometry';
import { drawDistractors, farFrom, findFalseCandidates, type Distractor, type FalseKind } from './false-candidates';
import { FIELD_OF_VIEW, SCAN_LENGTH } from './grid';
import { forkSites, growLungTrees, type LungTrees } from './lung-trees';
import { drawNodules, grown, type Nodule } from './nodules';
import { drawProtocol, type Protocol } from './protocol';
import { drawThorax, type Thorax } from './thorax';

/** Everything that a scan shows, before it is painted: a pure function of the seed and the scan's number. */
export interface ScanPlan {
  seriesUid: string;
  patientId: string;
  subset: number;
  thorax: Thorax;
  trees: LungTrees;
  nodules: Nodule[];
  distractors: Distractor[];
  protocol: Protocol;
  /** Middle of the scan in the patient's frame, and what is added to go to the scanner's. */
  middle: Xyz;
  table: Xyz;
  candidates: PlannedCandidate[];
  random: Random;
}

export interface PlannedCandidate {
  /** In the patient's frame. */
  at: Xyz;
  kind: 'nodule' | FalseKind;
}

/** Every sixth scan is a follow-up of the patient before it. */
const FOLLOW_UP_EVERY = 6;

export const isFollowUp = (scan: number): boolean => scan % FOLLOW_UP_EVERY === FOLLOW_UP_EVERY - 1;

export function planScan(seed: number, scan: number): ScanPlan {
  const root = seededRandom(seed);
  const patient = isFollowUp(scan) ? scan - 1 : scan;
  const person = root.fork(`patient ${patient}`);
  const random = root.fork(`scan ${scan}`);

  const thorax = drawThorax(person.fork('thorax'));
  const trees = growLungTrees(person.fork('trees'), thorax);
  const body = person.fork('findings');
  const distractors = drawDistractors(body, thorax);
  const sites = forkSites([...trees.arteries, ...trees.veins], 0.8, 2.6);
  const baseline = drawNodules(body, thorax, sites, 7 + body.integer(5));
  const nodules = isFollowUp(scan) ? baseline.map((nodule) => grown(nodule, between(random, 1, 1.35))) : baseline;

  const protocol = drawProtocol(random.fork('protocol'));
  const middle: Xyz = [between(random, -3, 3), between(random, -3, 6), between(random, -8, 0)];
  const table: Xyz = [between(random, -20, 20), between(random, -180, -120), between(random, -320, -120)];
  const visible = nodules.filter(({ centre }) => isInside(centre, middle, 4));
  return {
    seriesUid: seriesUid(random.fork('uid')),
    patientId: `PHANTOM-${seed}-${String(patient).padStart(4, '0')}`,
    subset: scan % 10,
    thorax,
    trees,
    nodules: visible,
    distractors: distractors.filter(({ centre }) =>
      farFrom(
        centre,
        nodules.map((nodule) => nodule.centre),
        14,
      ),
    ),
    protocol,
    middle,
    table,
    candidates: placeCandidates(random.fork('candidates'), thorax, trees, visible, distractors, middle),
    random,
  };
}

function placeCandidates(
  random: Random,
  thorax: Thorax,
  trees: LungTrees,
  nodules: readonly Nodule[],
  distractors: readonly Distractor[],
  middle: Xyz,
): PlannedCandidate[] {
  const isFree = (at: Xyz, taken: readonly Xyz[]) =>
    isInside(at, middle, 4) &&
    farFrom(at, taken, 8) &&
    nodules.every(({ centre, diameter }) => distance(at, centre) > diameter / 2 + 9);
  // A detector's mark lies near the middle of a nodule, not on it.
  const marks = nodules.map(({ centre, diameter }) => ({
    at: along(centre, anyDirection(random), Math.min(2.5, 0.15 * diameter) * random.uniform()),
    kind: 'nodule' as const,
  }));
  return random.shuffle([...marks, ...findFalseCandidates(random, thorax, trees, distractors, isFree)]);
}

function isInside([x, y, z]: Xyz, middle: Xyz, margin: number): boolean {
  const half = FIELD_OF_VIEW / 2 - margin;
  return (
    Math.abs(x - middle[0]) < half &&
    Math.abs(y - middle[1]) < half &&
    Math.abs(z - middle[2]) < SCAN_LENGTH / 2 - margin
  );
}

/** A DICOM UID under 2.25, the root for numbers that nobody had to register. */
function seriesUid(random: Random): string {
  return `2.25.${1 + random.integer(9)}${Array.from({ length: 30 }, () => random.integer(10)).join('')}`;
}
