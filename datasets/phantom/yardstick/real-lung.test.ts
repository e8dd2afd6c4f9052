import { extractPatch } from '../../patches';
import { IDENTITY_DIRECTION, ircToXyz, type Irc, type Volume } from '../../volume';
import { isLung, segmentLungs } from './lung-mask';
import { sampleRealLung } from './real-lung';
import { areaUnderCurve, thresholdAtSpecificity } from './score';

/** A body of soft tissue in air, with two lungs in it (a vessel of 4 mm across each) and a bowel of air. */
function makeBody(): Volume {
  const size: Irc = [44, 150, 170];
  const hu = new Int16Array(size[0] * size[1] * size[2]);
  const within = (x: number, y: number, radius: number) => x * x + y * y < radius * radius;
  let index = 0;
  for (let k = 0; k < size[0]; k++) {
    for (let j = 0; j < size[1]; j++) {
      for (let i = 0; i < size[2]; i++, index++) {
        const grain = ((index * 7919) % 41) - 20;
        const inLung = k > 4 && k < 39 && (within(i - 42, j - 70, 33) || within(i - 128, j - 70, 33));
        const vessel = within(i - 42, j - 70, 2) || within(i - 128, j - 70, 2);
        const bowel = k > 10 && k < 20 && within(i - 85, j - 120, 8);
        const body = ((i - 85) / 80) ** 2 + ((j - 75) / 65) ** 2 < 1;
        hu[index] = (inLung && !vessel) || bowel ? -860 + grain : body ? 40 + grain : -1000;
      }
    }
  }
  return { hu, size, spacingXyz: [1, 1, 2.5], originXyz: [-85, -75, 0], direction: IDENTITY_DIRECTION };
}

const volume = makeBody();

test('lungs are found with the vessels in them; bowel, the air around and the body are not lung', () => {
  const mask = segmentLungs(volume);
  const at = (k: number, j: number, i: number) => isLung(mask, [k, j, i]);
  expect([at(20, 70, 60), at(20, 70, 42), at(30, 90, 128)]).toEqual([true, true, true]);
  expect([at(15, 120, 85), at(20, 2, 2), at(20, 75, 85), at(20, 70, 500)]).toEqual([false, false, false, false]);
  const millilitres = (mask.inside.reduce((sum, inside) => sum + inside, 0) * 2.5) / 1000;
  expect(millilitres).toBeGreaterThan(570);
  expect(millilitres).toBeLessThan(610);
});

test('nodules are put into lung one at a time, the scan stays as it was, and what is denser stays in them', () => {
  const before = volume.hu.slice();
  const { lung, inserted } = sampleRealLung(volume, { diameters: [3, 5, 8, 12, 25], places: 20, nodules: 12 });
  expect(volume.hu.every((value, i) => value === before[i])).toBe(true);
  const mask = segmentLungs(volume);
  expect(lung.every(({ irc }) => isLung(mask, irc))).toBe(true);

  const MIDDLE = (16 * 48 + 24) * 48 + 24;
  for (const { nodule, patch } of inserted) {
    expect([5, 8, 12]).toContain(nodule.diameterMm);
    const empty = extractPatch(volume, ircToXyz(nodule.irc, volume));
    const added = patch.map((value, i) => value - empty[i]!);
    // Half of 5 mm is lost where a slice is 2.5 mm thick.
    expect(added[MIDDLE]).toBeGreaterThan(nodule.texture === 'ground-glass' ? 80 : 250);
    // Only noise may lower a voxel, and what was denser than the nodule is as it was.
    expect(Math.min(...added)).toBeGreaterThan(-60);
    expect(empty.some((old, i) => old > nodule.solidHu + 1 && added[i] !== 0)).toBe(false);
    // Far from it nothing changes.
    expect(added[(16 * 48 + 1) * 48 + 1]).toBe(0);
  }
});

test('a threshold at specificity 0.9 leaves nine of ten negatives below it, and the AUC counts ties half', () => {
  const negatives = Array.from({ length: 100 }, (_, i) => i / 100);
  const threshold = thresholdAtSpecificity(negatives, 0.9);
  expect(negatives.filter((score) => score < threshold)).toHaveLength(90);
  expect(areaUnderCurve([0.5, 0.9], [0.5, 0.1])).toBe(0.875);
});
