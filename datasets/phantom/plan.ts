import { seededRandom, type Random } from 'seeded-random';
import { anyDirection, between } from './draws';
import { DEFAULT_DIFFICULTY, difficultyAt, type Difficulty } from './difficulty';
import { drawDistractors, farFrom, findFalseCandidates, type Distractor, type FalseKind } from './false-candidates';
import { along, distance, type Xyz } from './geometry';
import { fieldOfView, SCAN_LENGTH } from './grid';
import { drawGrowth, drawInterval, grown, type Growth } from './growth';
import { forkSites, growLungTrees, type LungTrees, type VesselSite } from './lung-trees';
import { drawLungs, type Lungs } from './lungs';
import { drawRatings, drawSuspicion } from './malignancy';
import { drawNodules, type Nodule } from './nodules';
import { drawPatient, type Patient } from './patient';
import { drawProtocol, type Protocol } from './protocol';
import { drawSite, type Site } from './sites';
import { drawThorax, type Thorax } from './thorax';

/** A nodule with what does not show in one scan. */
export interface Finding extends Nodule {
  /** The same in every scan of the patient. */
  id: number;
  /** How suspicious it looks, on the scale of the ratings. */
  suspicion: number;
  growth: Growth;
  /** Malignancy after each reader of this scan, 1 to 5. */
  ratings: number[];
}

/** Everything that a scan shows, before it is painted: a pure function of the seed, the difficulty and the scan's number. */
export interface ScanPlan {
  seriesUid: string;
  patientId: string;
  subset: number;
  site: Site;
  patient: Patient;
  /** Days since the patient's first scan. */
  day: number;
  thorax: Thorax;
  lungs: Lungs;
  trees: LungTrees;
  nodules: Finding[];
  distractors: Distractor[];
  protocol: Protocol;
  difficulty: Difficulty;
  /** Side of the square field of view, mm. */
  field: number;
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

export function planScan(seed: number, scan: number, knob = DEFAULT_DIFFICULTY): ScanPlan {
  const root = seededRandom(seed);
  const first = isFollowUp(scan) ? scan - 1 : scan;
  const person = root.fork(`patient ${first}`);
  const random = root.fork(`scan ${scan}`);
  const difficulty = difficultyAt(knob);

  const site = drawSite(person.fork('site'));
  const patient = drawPatient(person.fork('patient'), site);
  const thorax = drawThorax(person.fork('thorax'), patient.size);
  const lungs = drawLungs(person.fork('lungs'), patient);
  const trees = growLungTrees(person.fork('trees'), thorax, lungs.vessels);
  const body = person.fork('findings');
  const distractors = drawDistractors(body, thorax);
  const sites = forkSites([...trees.arteries, ...trees.veins], 0.8, 2.6);
  const day = isFollowUp(scan) ? drawInterval(person.fork('interval')) : 0;
  const nodules = drawFindings(body, { thorax, sites, patient, day, readers: random.fork('readers') });

  const drawn = drawProtocol(random.fork('protocol'), site, patient);
  const protocol = { ...drawn, noise: drawn.noise * difficulty.noise };
  const field = fieldOfView(patient);
  const middle: Xyz = [between(random, -3, 3), between(random, -3, 6), between(random, -8, 0)];
  const table: Xyz = [between(random, -20, 20), between(random, -180, -120), between(random, -320, -120)];
  const visible = nodules.filter(({ centre }) => isInside(centre, middle, field, 4));
  const clear = distractors.filter(({ centre }) => farFrom(centre, places(nodules), 14));
  const plan = { thorax, trees, patient, nodules: visible, distractors: clear, difficulty, middle, field };
  return {
    ...plan,
    seriesUid: seriesUid(random.fork('uid')),
    patientId: `PHANTOM-${seed}-${String(first).padStart(4, '0')}`,
    subset: scan % 10,
    site,
    day,
    lungs,
    protocol,
    table,
    candidates: placeCandidates(random.fork('candidates'), plan),
    random,
  };
}

const places = (nodules: readonly Nodule[]): Xyz[] => nodules.map(({ centre }) => centre);

interface FindingsOptions {
  thorax: Thorax;
  sites: readonly VesselSite[];
  patient: Patient;
  day: number;
  readers: Random;
}

/** A patient's nodules on a day, as old as the first scan's and grown since. */
function drawFindings(body: Random, { thorax, sites, patient, day, readers }: FindingsOptions): Finding[] {
  const middle = (thorax.apex + thorax.base) / 2;
  return drawNodules(body, thorax, sites, 7 + body.integer(5)).map((nodule, id) => {
    const stream = body.fork(`nodule ${id}`);
    const surroundings = { upperLobe: nodule.centre[2] > middle, emphysema: patient.emphysema !== 'none' };
    const suspicion = drawSuspicion(stream, nodule, surroundings);
    const growth = drawGrowth(stream, nodule, suspicion);
    const now = day === 0 ? nodule : grown(nodule, growth, day);
    return { ...now, id, suspicion, growth, ratings: drawRatings(readers, suspicion) };
  });
}

function placeCandidates(
  random: Random,
  {
    thorax,
    trees,
    patient,
    nodules,
    distractors,
    difficulty,
    middle,
    field,
  }: Pick<ScanPlan, 'thorax' | 'trees' | 'patient' | 'nodules' | 'distractors' | 'difficulty' | 'middle' | 'field'>,
): PlannedCandidate[] {
  const isFree = (at: Xyz, taken: readonly Xyz[]) =>
    isInside(at, middle, field, 4) &&
    farFrom(at, taken, 8) &&
    nodules.every(({ centre, diameter }) => distance(at, centre) > diameter / 2 + difficulty.gap);
  // A detector's mark lies near the middle of a nodule, not on it.
  const marks = nodules.map(({ centre, diameter }) => ({
    at: along(centre, anyDirection(random), Math.min(2.5, 0.15 * diameter) * random.uniform()),
    kind: 'nodule' as const,
  }));
  const kinds = { fibrotic: patient.fibrosis !== 'none', lookalikes: difficulty.lookalikes };
  return random.shuffle([...marks, ...findFalseCandidates(random, thorax, trees, distractors, kinds, isFree)]);
}

function isInside([x, y, z]: Xyz, middle: Xyz, field: number, margin: number): boolean {
  const half = field / 2 - margin;
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
