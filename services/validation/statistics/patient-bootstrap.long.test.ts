import { seededRandom } from 'seeded-random';
import { makeCases } from './cases';
import { delongAuc } from './delong';
import { patientBootstrap } from './patient-bootstrap';
import { auc } from './roc';

/*
 * Coverage on simulated truth: how often the 95 % interval holds the number that the cases were drawn from. Of 1000
 * trials the share has a standard error of 0.7 %, so that 92 % to 97 % rules out an interval that is clearly off.
 */
const TRIALS = 1000;

function coverage(trials: number, covers: (trial: number) => boolean): number {
  let covered = 0;
  for (let trial = 0; trial < trials; trial++) covered += Number(covers(trial));
  return covered / trials;
}

test('the bootstrap of a mean over patients covers the truth about 95 % of the time', () => {
  const patients = 40;
  const share = coverage(TRIALS, (trial) => {
    const random = seededRandom(`mean ${trial}`);
    const effects = Array.from({ length: patients }, () => random.uniform());
    const mean = (weights: Uint32Array) => [
      effects.reduce((sum, effect, i) => sum + effect * weights[i]!, 0) / patients,
    ];
    const [interval] = patientBootstrap([...effects.keys()], mean, { resamples: 400, seed: trial });
    return interval!.lower <= 0.5 && 0.5 <= interval!.upper;
  });
  expect(share).toBeGreaterThan(0.92);
  expect(share).toBeLessThan(0.97);
});

describe('AUC of cases that are alike within a patient', () => {
  const PATIENTS = 60;
  const EACH = 8;
  /** Scores are normal with a shift of 1 between the classes and a patient's own effect of the same variance. */
  const TRUTH = standardNormal(1 / Math.sqrt(2 * 2));

  function draw(trial: number) {
    const random = seededRandom(`auc ${trial}`);
    const patientOf = Array.from({ length: PATIENTS * EACH }, (_, i) => Math.floor(i / EACH));
    const effects = Array.from({ length: PATIENTS }, () => random.normal());
    // Half of the patients have nodules only, which makes their effect matter as much as it can.
    const labels = patientOf.map((patient) => patient % 2);
    const scores = patientOf.map((patient, i) => labels[i]! + effects[patient]! + random.normal());
    return { patientOf, cases: makeCases(labels, scores) };
  }

  test('the bootstrap over patients covers the truth about 95 % of the time', () => {
    const share = coverage(TRIALS, (trial) => {
      const { patientOf, cases } = draw(trial);
      const options = { resamples: 400, seed: trial };
      const [interval] = patientBootstrap(patientOf, (weights) => [auc(cases, weights)], options);
      return interval!.lower <= TRUTH && TRUTH <= interval!.upper;
    });
    expect(share).toBeGreaterThan(0.91);
    expect(share).toBeLessThan(0.97);
  });

  test('an interval over candidates, which takes them as independent, would be far too narrow', () => {
    const share = coverage(TRIALS, (trial) => {
      const { lower, upper } = delongAuc(draw(trial).cases);
      return lower <= TRUTH && TRUTH <= upper;
    });
    expect(share).toBeLessThan(0.8);
  });
});

test('DeLong covers the truth about 95 % of the time where cases are independent', () => {
  const truth = standardNormal(1 / Math.SQRT2);
  const share = coverage(2 * TRIALS, (trial) => {
    const random = seededRandom(`delong ${trial}`);
    const labels = Array.from({ length: 120 }, (_, i) => Number(i % 3 === 0));
    const { lower, upper } = delongAuc(
      makeCases(
        labels,
        labels.map((label) => label + random.normal()),
      ),
    );
    return lower <= truth && truth <= upper;
  });
  expect(share).toBeGreaterThan(0.92);
  expect(share).toBeLessThan(0.97);
});

/** Φ(x) by Simpson's rule. */
function standardNormal(x: number): number {
  const steps = 2000;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const at = (i * x) / steps;
    sum += Math.exp((-at * at) / 2) * (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2);
  }
  return 0.5 + (sum * x) / (3 * steps) / Math.sqrt(2 * Math.PI);
}
