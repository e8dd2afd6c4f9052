import fc from 'fast-check';
import { restoreRandom, seededRandom } from '.';

test('the same seed gives the same numbers, another seed others', () => {
  const draw = (seed: number | string) => Array.from({ length: 5 }, seededRandom(seed).uniform);
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  expect(draw('a')).not.toEqual(draw('b'));
});

test('a stream goes on from its saved state', () => {
  const random = seededRandom(3);
  random.uniform();
  const saved = random.state();
  const expected = [random.uniform(), random.normal()];
  const restored = restoreRandom(saved);
  expect([restored.uniform(), restored.normal()]).toEqual(expected);
});

test('forks are independent of each other and do not advance their parent', () => {
  const random = seededRandom(3);
  const before = random.state();
  expect(random.fork('order').uniform()).not.toBe(random.fork('augmentation').uniform());
  expect(random.state()).toEqual(before);
});

test('uniform has mean 1/2 and variance 1/12, normal 0 and 1', () => {
  const random = seededRandom(1);
  const moments = (draw: () => number) => {
    const values = Array.from({ length: 100_000 }, draw);
    const mean = values.reduce((sum, value) => sum + value) / values.length;
    return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length] as const;
  };
  const [uniformMean, uniformVariance] = moments(random.uniform);
  expect(uniformMean).toBeCloseTo(0.5, 2);
  expect(uniformVariance).toBeCloseTo(1 / 12, 2);
  const [normalMean, normalVariance] = moments(random.normal);
  expect(normalMean).toBeCloseTo(0, 1);
  expect(normalVariance).toBeCloseTo(1, 1);
});

test('a shuffle keeps every item', () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(fc.integer()), (seed, items) => {
      const sorted = (values: number[]) => [...values].sort((a, b) => a - b);
      expect(sorted(seededRandom(seed).shuffle(items))).toEqual(sorted(items));
    }),
  );
});
