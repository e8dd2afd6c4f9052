import { seededRandom } from 'seeded-random';
import { fingerprintOf } from '.';

const random = seededRandom('fingerprint');
const scan = Int16Array.from({ length: 4000 }, () => Math.round(-600 + 300 * random.normal()));
const digestOf = (...parts: (Int16Array | Float32Array | Float64Array)[]) => {
  const fingerprint = fingerprintOf();
  for (const part of parts) fingerprint.add(part);
  return fingerprint.digest();
};

test.each([
  ['as float32', Float32Array.from(scan)],
  ['as float64, with the rounding of a rescale', Float64Array.from(scan, (hu) => hu * (1 + 1e-12))],
  ['turned around', scan.toReversed()],
  ['with other padding beyond the circle', Int16Array.from([...scan, ...new Array<number>(50).fill(-2000)])],
  ['clipped to a lung window', scan.map((hu) => Math.max(-1000, Math.min(1000, hu)))],
])('a scan has the same fingerprint %s', (_, copy) => {
  expect(digestOf(copy)).toBe(digestOf(scan));
});

test('it does not matter in which pieces a scan passes', () => {
  expect(digestOf(scan.subarray(0, 7), scan.subarray(7, 7), scan.subarray(7))).toBe(digestOf(scan));
});

test('one voxel by one HU makes another scan', () => {
  const changed = scan.slice();
  changed[scan.findIndex((hu) => hu > -500 && hu < 500)]! += 1;
  expect(digestOf(changed)).not.toBe(digestOf(scan));
});

test('what is too plain to be told apart has none', () => {
  expect(digestOf(new Int16Array(1000).fill(40))).toBeNull();
  expect(digestOf(Int16Array.from({ length: 1000 }, (_, i) => i % 60))).toBeNull();
  expect(digestOf(new Float32Array(1000).fill(NaN))).toBeNull();
  expect(digestOf()).toBeNull();
});
