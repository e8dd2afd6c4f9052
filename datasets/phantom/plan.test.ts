import { distance } from './geometry';
import { isFollowUp, planScan } from './plan';
import { lungDistance } from './thorax';

const scans = [2, 3, 4, 5];
const plans = scans.map((scan) => planScan(3, scan));

test('a follow-up shows the same patient, nodules no smaller, on another series', () => {
  expect(scans.filter(isFollowUp)).toEqual([5]);
  const [, , earlier, later] = plans;
  expect(later!.patientId).toBe(earlier!.patientId);
  expect(later!.seriesUid).not.toBe(earlier!.seriesUid);
  for (const nodule of later!.nodules) {
    const before = earlier!.nodules.find(({ centre }) => distance(centre, nodule.centre) < 1e-9);
    if (before) expect(nodule.diameter).toBeGreaterThanOrEqual(before.diameter);
  }
  expect(new Set(plans.map(({ patientId }) => patientId)).size).toBe(3);
});

test('every false candidate keeps clear of every nodule, and every nodule lies in a lung', () => {
  for (const { candidates, nodules, thorax } of plans) {
    for (const { centre, diameter } of nodules) {
      expect(lungDistance(thorax, centre)).toBeGreaterThan(0);
      for (const { at, kind } of candidates) {
        if (kind !== 'nodule') expect(distance(at, centre)).toBeGreaterThan(diameter / 2 + 5);
      }
    }
  }
});

test('scanners differ: spacings lie in the range of LUNA16 and are not all the same', () => {
  const pixels = plans.map(({ protocol }) => protocol.pixel);
  expect(new Set(pixels).size).toBeGreaterThan(1);
  for (const { protocol } of plans) {
    expect(protocol.pixel).toBeGreaterThanOrEqual(0.55);
    expect(protocol.pixel).toBeLessThanOrEqual(0.85);
    expect(protocol.slice).toBeGreaterThanOrEqual(1);
    expect(protocol.slice).toBeLessThanOrEqual(2.5);
  }
});
