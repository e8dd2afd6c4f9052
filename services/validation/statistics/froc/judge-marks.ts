/** A place in a scan and the diameter of the sphere around it in which a mark counts as in it. */
export interface Finding {
  /** World millimetres. */
  xyz: readonly [number, number, number];
  /** Null where only a point is known: such a finding counts as 10 mm wide. */
  diameterMm: number | null;
}

/** What a detector said of one scan, and what is there. */
export interface MarkedScan {
  /** `[n, 3]` in one array, world millimetres. */
  places: Float64Array;
  /** `[n]`, in the order of the places; any finite numbers, higher means more suspicious. */
  probabilities: Float64Array;
  nodules: readonly Finding[];
  /** Findings that count neither way. */
  excluded: readonly Finding[];
}

/** What became of the marks of one scan. */
export interface JudgedScan {
  /** `[nodules]`, highest probability of the marks in each; null for a nodule that no mark lies in. */
  hits: (number | null)[];
  /** Marks that lie in no finding, in their order. */
  falsePositives: Uint32Array;
  /** Marks beyond the hundred best. */
  dropped: number;
  /** Marks in an excluded finding and in no nodule. */
  inExcluded: number;
  /** Marks in a nodule beside the best one there. */
  doubles: number;
}

/** The challenge counts at most this many marks of a scan. */
export const MARKS_PER_SCAN = 100;

const POINT_DIAMETER_MM = 10;
const HIT_NODULE = 1;
const HIT_EXCLUDED = 2;

/**
 * Judges the marks of one scan by the rules of LUNA16's evaluation script:
 *
 * - Of more than 100 marks those stay whose probability is above that of the 101st: a tie at the hundredth place drops
 *   all of the tied.
 * - A mark is in a finding when its squared distance from the centre is less than the squared radius; on the rim it is out.
 * - The best mark in a nodule is its hit. Others in it are neither hits nor false positives. One mark may hit two nodules.
 * - A mark in an excluded finding is ignored, unless it is in a nodule too.
 *
 * Source: noduleCADEvaluationLUNA16.py of the challenge; Setio et al., "Validation, comparison, and combination of
 * algorithms for automatic detection of pulmonary nodules in computed tomography images: the LUNA16 challenge", Medical
 * Image Analysis 42 (2017), section 4.
 */
export function judgeMarks({ places, probabilities, nodules, excluded }: MarkedScan): JudgedScan {
  const kept = bestMarks(probabilities);
  const state = new Uint8Array(probabilities.length);
  let doubles = 0;
  const hits = nodules.map((nodule) => {
    let best: number | null = null;
    let count = 0;
    forEachMarkIn(nodule, places, kept, (mark) => {
      state[mark] = HIT_NODULE;
      best = Math.max(best ?? -Infinity, probabilities[mark]!);
      count++;
    });
    doubles += Math.max(0, count - 1);
    return best;
  });
  let inExcluded = 0;
  for (const finding of excluded) {
    forEachMarkIn(finding, places, kept, (mark) => {
      if (state[mark] !== 0) return;
      state[mark] = HIT_EXCLUDED;
      inExcluded++;
    });
  }
  const dropped = probabilities.length - kept.length;
  return { hits, falsePositives: kept.filter((mark) => state[mark] === 0), dropped, inExcluded, doubles };
}

/** Whether any of the places lies in the finding, however many marks the scan has. */
export function isMarked(finding: Finding, places: Float64Array): boolean {
  let found = false;
  forEachMarkIn(
    finding,
    places,
    new Uint32Array(places.length / 3).map((_, i) => i),
    () => {
      found = true;
    },
  );
  return found;
}

function bestMarks(probabilities: Float64Array): Uint32Array {
  const all = new Uint32Array(probabilities.length).map((_, i) => i);
  if (probabilities.length <= MARKS_PER_SCAN) return all;
  const firstOut = probabilities.toSorted()[probabilities.length - 1 - MARKS_PER_SCAN]!;
  return all.filter((mark) => probabilities[mark]! > firstOut);
}

function forEachMarkIn(
  { xyz: [x, y, z], diameterMm }: Finding,
  places: Float64Array,
  marks: Uint32Array,
  visit: (mark: number) => void,
): void {
  const radius = (diameterMm ?? POINT_DIAMETER_MM) / 2;
  for (const mark of marks) {
    const [dx, dy, dz] = [x - places[3 * mark]!, y - places[3 * mark + 1]!, z - places[3 * mark + 2]!];
    if (dx * dx + dy * dy + dz * dz < radius * radius) visit(mark);
  }
}
