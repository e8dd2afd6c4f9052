import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Geometry, type Xyz, ircToXyz } from '../../volume';
import { consensusOf } from './consensus';
import { openAnnotations } from './open-annotations';
import { readLidcXml } from './read-lidc-xml';

const geometry: Geometry = {
  size: [60, 128, 128],
  spacingXyz: [0.7, 0.7, 1.25],
  originXyz: [-120, -90, -300],
  direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
};
const sopUid = (slice: number) => `1.2.840.1.${slice}`;
const slices = new Map(Array.from({ length: geometry.size[0] }, (_, slice) => [sopUid(slice), slice]));

interface Ball {
  /** Slice, row, column. */
  irc: readonly [number, number, number];
  radiusMm: number;
  hollowMm?: number;
}

/** Pixels next to a disc and not in it, in their order around it: what a reader of LIDC clicks. */
function outlineOf({ irc, radiusMm }: Ball, slice: number): [number, number][] {
  const inside = (column: number, row: number) =>
    Math.hypot((column - irc[2]) * 0.7, (row - irc[1]) * 0.7, (slice - irc[0]) * 1.25) <= radiusMm;
  const reach = Math.ceil(radiusMm / 0.7) + 2;
  const edge: [number, number][] = [];
  for (let row = Math.round(irc[1]) - reach; row <= irc[1] + reach; row++) {
    for (let column = Math.round(irc[2]) - reach; column <= irc[2] + reach; column++) {
      const touches = [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ].some(([x = 0, y = 0]) => inside(column + x, row + y));
      if (!inside(column, row) && touches) edge.push([column, row]);
    }
  }
  const angle = ([column, row]: [number, number]) => Math.atan2(row - irc[1], column - irc[2]);
  return edge.sort((a, b) => angle(a) - angle(b));
}

function roiXml(ball: Ball, slice: number, inclusion = true): string {
  const points = outlineOf(ball, slice).map(
    ([column, row]) => `<edgeMap><xCoord>${column}</xCoord><yCoord>${row}</yCoord></edgeMap>`,
  );
  const z = geometry.originXyz[2] + slice * geometry.spacingXyz[2];
  const place = `<imageZposition>${z}</imageZposition><imageSOP_UID>${sopUid(slice)}</imageSOP_UID>`;
  return points.length === 0
    ? ''
    : `<roi>${place}<inclusion>${inclusion ? 'TRUE' : 'FALSE'}</inclusion>${points.join('')}</roi>`;
}

function noduleXml(ball: Ball, malignancy: number): string {
  const reach = Math.ceil(ball.radiusMm / 1.25) + 1;
  const all = [...slices.values()].filter((slice) => Math.abs(slice - ball.irc[0]) <= reach);
  const rois = all.map((slice) => roiXml(ball, slice));
  const holes = ball.hollowMm ? all.map((slice) => roiXml({ ...ball, radiusMm: ball.hollowMm! }, slice, false)) : [];
  const names = ['subtlety', 'internalStructure', 'calcification', 'sphericity', 'margin', 'lobulation', 'spiculation'];
  const ratings = [...names, 'texture'].map((name) => `<${name}>3</${name}>`).join('');
  return `<unblindedReadNodule><noduleID>n</noduleID><characteristics>${ratings}<malignancy>${malignancy}</malignancy>
    </characteristics>${rois.join('')}${holes.join('')}</unblindedReadNodule>`;
}

const pointXml = (tag: 'nodule' | 'non', [slice, row, column]: readonly [number, number, number]) => {
  const place = `<imageZposition>${geometry.originXyz[2] + slice * 1.25}</imageZposition><imageSOP_UID>x</imageSOP_UID>`;
  const point = `<xCoord>${column}</xCoord><yCoord>${row}</yCoord>`;
  return tag === 'non'
    ? `<nonNodule><nonNoduleID>3</nonNoduleID>${place}<locus>${point}</locus></nonNodule>`
    : `<unblindedReadNodule><noduleID>s</noduleID><roi>${place}<inclusion>TRUE</inclusion><edgeMap>${point}</edgeMap></roi></unblindedReadNodule>`;
};

const messageXml = (sessions: readonly string[]) => `<?xml version="1.0" encoding="UTF-8"?>
<LidcReadMessage uid="1.3" xmlns="http://www.nih.gov"><ResponseHeader><Version>1.7</Version>
<SeriesInstanceUid>1.2.3</SeriesInstanceUid></ResponseHeader>
${sessions.map((marks) => `<readingSession><annotationVersion>3.12</annotationVersion>${marks}</readingSession>`).join('')}
</LidcReadMessage>`;

const consensus = (sessions: readonly string[]) =>
  consensusOf(readLidcXml(messageXml(sessions), 'a.xml')!, geometry, slices);
const distanceInVoxels = (a: Xyz, b: Xyz) =>
  Math.max(...a.map((value, axis) => Math.abs(value - b[axis as 0 | 1 | 2]) / geometry.spacingXyz[axis as 0 | 1 | 2]));

test('a ball outlined by four readers comes back at its place, to half a voxel, with its diameter', () => {
  const place = (least: number, most: number) => fc.double({ min: least, max: most, noNaN: true });
  fc.assert(
    fc.property(place(18, 40), place(40, 80), place(40, 80), place(3, 12), (slice, row, column, radiusMm) => {
      const ball: Ball = { irc: [slice, row, column], radiusMm };
      const marks = noduleXml(ball, 4);
      const readers = [4, 5, 2, 4].map((rating) => marks.replace('<malignancy>4', `<malignancy>${rating}`));
      const { nodules } = consensus(readers);
      expect(nodules).toHaveLength(1);
      expect(distanceInVoxels(nodules[0]!.xyz, ircToXyz(ball.irc, geometry))).toBeLessThan(0.5);
      expect(Math.abs(nodules[0]!.diameterMm - 2 * radiusMm)).toBeLessThan(0.45);
      expect(nodules[0]).toMatchObject({ malignancy: [4, 5, 2, 4], characteristics: { malignancy: 4, texture: 3 } });
    }),
    { numRuns: 10 },
  );
});

test('a hole in a nodule is none of its volume', () => {
  const solid: Ball = { irc: [30, 64, 64], radiusMm: 10 };
  const volume = (ball: Ball) => consensus([noduleXml(ball, 3)]).nodules[0]!.diameterMm ** 3;
  const ratio = volume({ ...solid, hollowMm: 6 }) / volume(solid);
  // The outline of the hole lies outside it, and is left out with it.
  expect(ratio).toBeGreaterThan(1 - (7 / 10) ** 3 - 0.05);
  expect(ratio).toBeLessThan(1 - (6 / 10) ** 3);
});

test('three of four readers make a nodule, two an excluded finding; so are small nodules and non-nodules', () => {
  const a: Ball = { irc: [20, 40, 40], radiusMm: 5 };
  const b: Ball = { irc: [40, 90, 90], radiusMm: 6 };
  const { nodules, excluded, outside } = consensus([
    noduleXml(a, 3) + noduleXml(b, 1),
    noduleXml({ ...a, irc: [20, 41, 41] }, 3) + noduleXml(b, 1),
    noduleXml({ ...a, irc: [21, 40, 39] }, 3) + pointXml('nodule', [10, 20, 30]),
    pointXml('non', [11, 100, 30]) + pointXml('non', [900, 1, 1]),
  ]);
  expect(nodules).toHaveLength(1);
  expect(distanceInVoxels(nodules[0]!.xyz, ircToXyz([20 + 1 / 3, 40 + 1 / 3, 40], geometry))).toBeLessThan(0.5);
  expect(excluded.map(({ kind }) => kind).sort()).toEqual(['below 3 mm', 'few readers', 'non-nodule']);
  expect(excluded.find(({ kind }) => kind === 'below 3 mm')).toMatchObject({
    xyz: ircToXyz([10, 20, 30], geometry),
    diameterMm: null,
  });
  expect(outside).toBe(1);
});

test('two nodules side by side, marked by the same readers, stay two', () => {
  const a: Ball = { irc: [30, 60, 50], radiusMm: 6 };
  const b: Ball = { irc: [30, 60, 64], radiusMm: 6 };
  const { nodules } = consensus(Array.from({ length: 4 }, () => noduleXml(a, 2) + noduleXml(b, 5)));
  expect(nodules.map(({ malignancy }) => malignancy)).toEqual([
    [2, 2, 2, 2],
    [5, 5, 5, 5],
  ]);
});

test('a folder may hold other XML; what cannot be read is named with its line', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'lidc-'));
  await writeFile(join(dir, 'ct.xml'), messageXml(['']));
  await writeFile(join(dir, 'radiograph.xml'), '<IdriReadMessage><a>1</a></IdriReadMessage>');
  expect([...(await openAnnotations([dir])).seriesUids]).toEqual(['1.2.3']);
  await writeFile(join(dir, 'cut.xml'), messageXml(['']).slice(0, 200));
  await expect(openAnnotations([dir])).rejects.toMatchObject({ code: 'ANNOTATIONS_BAD_XML' });
  await expect(openAnnotations([join(dir, 'nowhere')])).rejects.toMatchObject({ code: 'ANNOTATIONS_NOT_FOUND' });
  await writeFile(join(dir, 'a.csv'), 'seriesuid,coordX,coordY,coordZ,diameter_mm\n1.2,1,,3,4\n');
  await expect(openAnnotations([join(dir, 'a.csv')])).rejects.toMatchObject({
    code: 'ANNOTATIONS_BAD_ROW',
    details: { line: 2, column: 'coordY' },
  });
});

test.each([
  ['entities that grow', '<!DOCTYPE a [<!ENTITY b "&b;&b;">]><LidcReadMessage/>'],
  ['no series', '<LidcReadMessage><ResponseHeader/></LidcReadMessage>'],
  ['a place that is no number', messageXml([pointXml('non', [1, 2, 3]).replace('<xCoord>3', '<xCoord>three')])],
])('XML with %s is refused', (_name, xml) => {
  expect(() => readLidcXml(xml, 'a.xml')).toThrow(/a\.xml cannot be read as an LIDC reading/);
});
