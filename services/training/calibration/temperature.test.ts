import fc from 'fast-check';
import { seededRandom } from 'seeded-random';
import { fitTemperature } from './temperature';

/** Labels drawn from softmax(z), and the logits z · sharpness that a model with too much or too little confidence gives. */
function sample(n: number, classes: number, sharpness: number, seed: number) {
  const random = seededRandom(seed);
  const logits: number[] = [];
  const labels: number[] = [];
  for (let i = 0; i < n; i++) {
    const row = Array.from({ length: classes }, () => 1.5 * random.normal());
    const weights = row.map(Math.exp);
    let left = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
    labels.push(
      Math.max(
        0,
        weights.findIndex((weight) => (left -= weight) < 0),
      ),
    );
    logits.push(...row.map((z) => z * sharpness));
  }
  return { logits, labels };
}

function negativeLogLikelihood(logits: readonly number[], labels: readonly number[], classes: number, t: number) {
  return labels.reduce((sum, label, i) => {
    const row = logits.slice(i * classes, (i + 1) * classes).map((z) => z / t);
    return sum + (Math.log(row.reduce((total, z) => total + Math.exp(z), 0)) - row[label]!) / labels.length;
  }, 0);
}

test.each([
  [2, 4],
  [2, 0.4],
  [3, 2.5],
])('of %i classes, logits %f times too sharp have that temperature', (classes, sharpness) => {
  const { logits, labels } = sample(6000, classes, sharpness, 7);
  const fitted = fitTemperature(logits, labels, classes)!;
  expect(fitted.temperature / sharpness).toBeGreaterThan(0.92);
  expect(fitted.temperature / sharpness).toBeLessThan(1.08);
  expect(fitted.after).toBeLessThan(fitted.before);
});

test('no other temperature makes the labels more likely', () => {
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: 0.3, max: 5, noNaN: true }), (seed, sharpness) => {
      const { logits, labels } = sample(60, 2, sharpness, seed);
      const fitted = fitTemperature(logits, labels, 2);
      if (!fitted) return;
      const at = (t: number) => negativeLogLikelihood(logits, labels, 2, t);
      expect(fitted.after).toBeCloseTo(at(fitted.temperature), 10);
      expect(fitted.before).toBeCloseTo(at(1), 10);
      for (const factor of [0.99, 1.01, 0.5, 2, 1 / fitted.temperature]) {
        expect(at(fitted.temperature * factor)).toBeGreaterThanOrEqual(fitted.after - 1e-12);
      }
    }),
    { numRuns: 30 },
  );
});

test('k times the logits have k times the temperature, and a shift of a row changes nothing', () => {
  const { logits, labels } = sample(300, 2, 2, 3);
  const { temperature } = fitTemperature(logits, labels, 2)!;
  const tripled = fitTemperature(
    logits.map((z) => 3 * z),
    labels,
    2,
  )!;
  expect(tripled.temperature / temperature).toBeCloseTo(3, 4);
  const shifted = logits.map((z, i) => z + 100 * Math.floor(i / 2));
  expect(fitTemperature(shifted, labels, 2)!.temperature).toBeCloseTo(temperature, 4);
});

test.each<[string, number[], number[]]>([
  ['without cases', [], []],
  ['where the logits tell all labels apart', [-2, 2, 3, -1], [1, 0]],
  ['where they tell them upside down', [-2, 2, 3, -1], [0, 1]],
  ['where all are the same', [1, 1, 1, 1], [0, 1]],
  ['with one case', [0.5, 0.1], [0]],
])('%s there is no temperature', (_, logits, labels) => {
  expect(fitTemperature(logits, labels, 2)).toBeUndefined();
});

test('logits of a thousand overflow nothing', () => {
  const { logits, labels } = sample(400, 2, 1000, 5);
  expect(fitTemperature(logits, labels, 2)).toBeUndefined();
  const near = fitTemperature(sample(400, 2, 15, 5).logits, labels, 2)!;
  expect(Number.isFinite(near.before)).toBe(true);
  expect(near.temperature).toBeGreaterThan(10);
});
