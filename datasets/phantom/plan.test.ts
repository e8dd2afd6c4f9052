import { seededRandom } from 'seeded-random';
import { distance } from './geometry';
import { isFollowUp, planScan } from './plan';
import { drawPatient } from './patient';
import { drawProtocol } from './protocol';
import { drawSite, SITES } from './sites';
import { lungDistance } from './thorax';

const scans = [2, 3, 4, 5];
const plans = scans.map((scan) => planScan(3, scan));

test('a follow-up shows the same patient on another series, each nodule grown by its doubling time', () => {
  expect(scans.filter(isFollowUp)).toEqual([5]);
  const [, , earlier, later] = plans;
  expect(later!.patientId).toBe(earlier!.patientId);
  expect(later!.patient).toEqual(earlier!.patient);
  expect(later!.seriesUid).not.toBe(earlier!.seriesUid);
  expect(earlier!.day).toBe(0);
  expect(later!.day).toBeGreaterThan(70);
  const pairs = later!.nodules.flatMap((nodule) => {
    const before = earlier!.nodules.find(({ id }) => id === nodule.id);
    return before ? [[before, nodule] as const] : [];
  });
  expect(pairs.length).toBeGreaterThan(4);
  for (const [before, after] of pairs) {
    expect(after.centre).toEqual(before.centre);
    const volumes = (after.diameter / before.diameter) ** 3;
    if (after.diameter > 3.1 && after.diameter < 30) {
      expect(Math.log2(volumes)).toBeCloseTo(later!.day / before.growth.doublingDays, 6);
    }
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

test('a harder phantom has fainter nodules, more noise and closer look-alikes; the middle is the default', () => {
  const [easy, usual, hard] = [0, 0.5, 1].map((knob) => planScan(3, 2, knob));
  expect(usual).toEqual(expect.objectContaining({ protocol: plans[0]!.protocol, candidates: plans[0]!.candidates }));
  expect(easy!.difficulty.contrast).toBeGreaterThan(usual!.difficulty.contrast);
  expect(usual!.difficulty.contrast).toBeGreaterThan(hard!.difficulty.contrast);
  expect(hard!.protocol.noise).toBeGreaterThan(1.5 * usual!.protocol.noise);
  const plain = (plan: typeof usual) =>
    plan!.candidates.filter(({ kind }) => kind === 'lung' || kind === 'wall').length;
  expect(plain(easy)).toBeGreaterThan(plain(usual));
  expect(plain(usual)).toBeGreaterThan(plain(hard));
});

describe('two thousand patients of the three sites', () => {
  const random = seededRandom(11);
  const drawn = Array.from({ length: 2000 }, () => {
    const site = drawSite(random);
    const patient = drawPatient(random, site);
    return { site, patient, protocol: drawProtocol(random, site, patient) };
  });
  const share = (of: (row: (typeof drawn)[number]) => boolean) => drawn.filter(of).length / drawn.length;

  test('are scanned in the spacings, thicknesses and kernels of LUNA16', () => {
    for (const { protocol } of drawn) {
      expect(protocol.pixel).toBeGreaterThanOrEqual(0.46);
      expect(protocol.pixel).toBeLessThanOrEqual(0.98);
      expect(protocol.slice).toBeGreaterThanOrEqual(0.45);
      expect(protocol.slice).toBeLessThanOrEqual(2.5);
    }
    expect(drawn.reduce((sum, { protocol }) => sum + protocol.pixel, 0) / drawn.length).toBeCloseTo(0.69, 1);
    // Armato et al. 2011, of 897 scans of at most 2.5 mm, and of 1,018 kernels.
    const thicknesses = { 0.6: 7, 0.75: 30, 1: 58, 1.25: 349, 2: 124, 2.5: 322 };
    for (const [thickness, count] of Object.entries(thicknesses)) {
      expect(Math.abs(share(({ protocol }) => protocol.thickness === Number(thickness)) - count / 897)).toBeLessThan(
        0.03,
      );
    }
    const kernels = { soft: 67, standard: 560, lung: 264, sharp: 127 };
    for (const [kernel, count] of Object.entries(kernels)) {
      expect(Math.abs(share(({ protocol }) => protocol.kernel === kernel) - count / 1018)).toBeLessThan(0.03);
    }
  });

  test('are of both sexes, of sizes that differ, and as often ill as their site says', () => {
    expect(share(({ patient }) => patient.sex === 'F')).toBeCloseTo(0.45, 1);
    const sizes = drawn.map(({ patient }) => patient.size);
    expect(Math.max(...sizes) / Math.min(...sizes)).toBeGreaterThan(1.15);
    for (const site of SITES) {
      const own = drawn.filter((row) => row.site === site);
      const emphysema = own.filter(({ patient }) => patient.emphysema !== 'none').length / own.length;
      const fibrosis = own.filter(({ patient }) => patient.fibrosis !== 'none').length / own.length;
      expect(Math.abs(emphysema - site.emphysema)).toBeLessThan(0.09);
      expect(Math.abs(fibrosis - site.fibrosis)).toBeLessThan(0.09);
    }
  });
});
